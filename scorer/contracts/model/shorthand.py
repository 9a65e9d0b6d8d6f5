"""Shorter forms that the model language reads: `hot: above 70`, one item for a list of one.

Knows how a short form becomes the long one, and its JSON Schema; knows no key of the language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from scorer.contracts.model.entry import Entry

JsonSchema = dict[str, Any]


class Shorthand:
    """An annotation that turns the short form into the long one before it is validated."""

    def long(self, value: Any) -> Any:
        """The long form of a value; anything else is handed on as it is."""
        raise NotImplementedError

    def schema(self, long: JsonSchema) -> JsonSchema:
        """What an editor accepts: the short form or the long one."""
        raise NotImplementedError

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.long, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        return self.schema(handler(schema))


@dataclass(frozen=True, slots=True)
class OneOrMany(Shorthand):
    """`on: demo_requested` for `on: [demo_requested]`."""

    def long(self, value: Any) -> Any:
        return value if isinstance(value, list) else [value]

    def schema(self, long: JsonSchema) -> JsonSchema:
        return {"anyOf": [long["items"], long]}


@dataclass(frozen=True, slots=True)
class TextBound(Shorthand):
    """`hot: above 70` for `hot: {above: 70}`."""

    word: str

    def long(self, value: Any) -> Any:
        if isinstance(value, str):
            found = re.fullmatch(rf"{self.word}\s+(-?[0-9]+(?:\.[0-9]+)?)", value.strip())
            return {self.word: float(found[1])} if found else value
        return value

    def schema(self, long: JsonSchema) -> JsonSchema:
        pattern = rf"^{self.word}\s+-?[0-9]+(\.[0-9]+)?$"
        return {"anyOf": [{"type": "string", "pattern": pattern}, long]}


@dataclass(frozen=True, slots=True)
class OrEmpty(Shorthand):
    """`page_viewed:` with nothing after it: an entry with all its defaults."""

    def long(self, value: Any) -> Any:
        return {} if value is None else value

    def schema(self, long: JsonSchema) -> JsonSchema:
        return {"anyOf": [{"type": "null"}, long]}


@dataclass(frozen=True, slots=True)
class EnglishText(Shorthand):
    """`label: Asked for a demo` for `label: {en: Asked for a demo}`."""

    def long(self, value: Any) -> Any:
        return {"en": value} if isinstance(value, str) else value

    def schema(self, long: JsonSchema) -> JsonSchema:
        return {"anyOf": [{"type": "string", "minLength": 1, "maxLength": 120}, long]}


class LabelEntry(Entry):
    """A name for people: a text, or one in English and one in Chinese."""

    en: str = Field(description="English.", min_length=1, max_length=120)
    zh: str = Field("", description="中文.", max_length=120)


Label = Annotated[LabelEntry, EnglishText()]
