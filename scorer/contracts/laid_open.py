"""What is held of a lead as plain JSON types, for eyes at 3 a.m. and for comparisons. Changes nothing."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from scorer.domain.marks import Marks
from scorer.domain.remembered import Remembered


def parts(value: object) -> list[str]:
    """The attributes of an object of the domain, compiled or not; of anything else none."""
    kind = type(value)
    if isinstance(value, str) or not kind.__module__.startswith("scorer.domain"):
        return []
    attributes = {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}
    return [name for name, attribute in attributes.items() if inspect.isdatadescriptor(attribute)]


def laid_open(value: Any) -> Any:
    """A state with everything in it: its numbers, its accounts, its evidence one by one."""
    if isinstance(value, Marks):
        return [mark.hex() for mark in value]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: laid_open(getattr(value, name)) for name in value._fields}
    if isinstance(value, list | tuple):
        return [laid_open(one) for one in value]
    if isinstance(value, dict):
        return {str(name): laid_open(one) for name, one in value.items()}
    if isinstance(value, str) or not (names := parts(value)):
        return value
    return {name: laid_open(getattr(value, name)) for name in _said(value, names)}


def _said(value: object, names: list[str]) -> Iterator[str]:
    """All parts, but for look-ups that a state makes of its history, which comes last."""
    if not isinstance(value, Remembered):
        yield from names
        return
    yield from (name for name in names if name not in {"history", "ids", "retracted"})
    yield "history"
