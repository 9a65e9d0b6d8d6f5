"""What every entry of a model file has in common: strict types, known keys, kind refusals.

Knows pydantic; knows no key of the model language.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from scorer.contracts.model.problems import one_of
from scorer.contracts.model.scalars import refuse


class Entry(BaseModel):
    """A mapping of the model file. Unknown and empty keys are refused, with what is allowed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    also_known: ClassVar[dict[str, str]] = {}
    """Keys that belong to a sibling or to another release, each with what to do about it."""

    @classmethod
    def words(cls) -> list[str]:
        """The keys that may be written here."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @model_validator(mode="wrap")
    @classmethod
    def _name_what_is_allowed(cls, data: Any, handler: ModelWrapValidatorHandler[Entry]) -> Entry:
        empty: list[InitErrorDetails] = []
        if isinstance(data, dict):
            empty = [_empty(key) for key, value in data.items() if value is None]
            data = {key: value for key, value in data.items() if value is not None}
        try:
            entry = handler(data)
        except ValidationError as error:
            found = [cls._explained(line) for line in error.errors(include_url=False)]
            gone = {line["loc"] for line in empty}
            found = [line for line in found if line.get("loc") not in gone]
            raise ValidationError.from_exception_data(cls.__name__, empty + found) from None
        if empty:
            raise ValidationError.from_exception_data(cls.__name__, empty)
        return entry

    @classmethod
    def _explained(cls, line: Any) -> InitErrorDetails:
        if line["type"] == "extra_forbidden" and len(line["loc"]) == 1:
            key = str(line["loc"][0])
            remedy = cls.also_known.get(key) or one_of(cls.words(), key)
            error: str | PydanticCustomError = refuse(
                "key", f"there is no key `{key}` here", remedy
            )
        elif line["type"].startswith("model_") and "remedy" in line.get("ctx", {}):
            error = refuse(line["type"][6:], line["ctx"]["message"], line["ctx"]["remedy"])
        else:
            error = line["type"]
        return {
            "type": error,
            "loc": line["loc"],
            "input": line["input"],
            "ctx": line.get("ctx", {}),
        }


def _empty(key: str) -> InitErrorDetails:
    error = refuse("empty", f"`{key}` has no value", "write one, or remove the key")
    return {"type": error, "loc": (key,), "input": None}
