"""Damage to a good event: in its document, its bytes, its headers, its key. Knows JSON and records only.

Each mutation is a small function of a source of choices; none of them knows what the scorer reads.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any, Final

from scorer.contracts.inputs import INPUT_TOPICS
from scorer.contracts.published import TIERS_TOPIC
from scorer.engine.memory import MemoryRecord
from tests.domain.cases import RandomChoices
from tests.fuzz import words

TOPICS: Final = (*INPUT_TOPICS, TIERS_TOPIC)
Holder = tuple[Any, Any]  # a mapping or a list, and one of its keys or indices


def holders(document: Any) -> list[Holder]:
    """Every place of a document that holds something."""
    found: list[Holder] = []
    open_: list[Any] = [document]
    while open_:
        node = open_.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            found.append((node, key))
            if isinstance(node[key], dict | list):
                open_.append(node[key])
    return found


def mutate_document(choose: RandomChoices, document: dict[str, Any]) -> None:
    """One change somewhere in the structure. In place."""
    places = holders(document)
    if not places:
        document[choose.one_of(words.TEXTS)] = choose.one_of(words.VALUES)
        return
    node, key = choose.one_of(places)
    _DOCUMENT[choose.whole(0, len(_DOCUMENT) - 1)](choose, node, key)


def _drop(_choose: RandomChoices, node: Any, key: Any) -> None:
    del node[key]


def _odd_value(choose: RandomChoices, node: Any, key: Any) -> None:
    node[key] = choose.one_of(words.VALUES)


def _odd_text(choose: RandomChoices, node: Any, key: Any) -> None:
    node[key] = choose.one_of(words.TEXTS)


def _odd_time(choose: RandomChoices, node: Any, key: Any) -> None:
    node[key] = choose.one_of(words.TIMES)


def _other_type(_choose: RandomChoices, node: Any, key: Any) -> None:
    value = node[key]
    if isinstance(value, str):
        node[key] = [value]
    elif isinstance(value, dict | list):
        node[key] = json.dumps(value)
    else:
        node[key] = str(value)


def _rename(choose: RandomChoices, node: Any, key: Any) -> None:
    if isinstance(node, dict):
        node[choose.one_of((str(key).upper(), f"{key}s", *words.TEXTS))] = node.pop(key)


def _add(choose: RandomChoices, node: Any, _key: Any) -> None:
    value = choose.one_of((*words.VALUES, *words.TEXTS))
    if isinstance(node, dict):
        node[choose.one_of(words.TEXTS)] = value
    else:
        node.append(value)


def _fill_up(choose: RandomChoices, node: Any, key: Any) -> None:
    count = choose.one_of((257, 2_000))
    node[key] = {f"a{n}": n for n in range(count)} if choose.whole(0, 1) else ["x"] * count


def _nest(choose: RandomChoices, node: Any, key: Any) -> None:
    value = node[key]
    for _ in range(choose.one_of((1, 5, 255, 300))):
        value = [value] if choose.whole(0, 1) else {"a": value}
    node[key] = value


_DOCUMENT: Final[tuple[Callable[[RandomChoices, Any, Any], None], ...]] = (
    *(_drop, _odd_value, _odd_text, _odd_time, _other_type, _rename, _add, _drop, _odd_value),
    *(_odd_text, _odd_time, _other_type, _rename, _add, _fill_up, _nest),
)


def mutate_value(choose: RandomChoices, value: bytes | None) -> bytes | None:
    """One change of the bytes."""
    if not value:
        return value
    at = choose.whole(0, len(value) - 1)
    form = choose.whole(0, 9)
    if form <= 2:
        return value[:at] + bytes([value[at] ^ 1 << choose.whole(0, 7)]) + value[at + 1 :]
    if form <= 4:
        return value[:at] + choose.one_of(words.SPLICES) + value[at + choose.whole(0, 6) :]
    if form == 5:
        return value[:at]
    if form == 6:
        return value[:at] + value[at + choose.whole(1, 40) :]
    if form == 7:
        end = at + choose.whole(1, 60)
        return value[:end] + value[at:]  # said twice: often a doubled key
    if form == 8:
        return choose.one_of(words.SPLICES) + value
    return choose.one_of(
        (None, b"", b"[" + value + b"]", value + value, gzip.compress(value), json_text(value))
    )


def json_text(value: bytes) -> bytes:
    """The value as a JSON text in JSON, as those write it who encode twice."""
    return json.dumps(value.decode("latin-1")).encode()


def mutate_record(choose: RandomChoices, record: MemoryRecord) -> MemoryRecord:
    """One change beside the value: key, headers, topic, broker time."""
    form = choose.whole(0, 9)
    if form <= 2:
        odd = (None, b"", b"\xff\xfe", b"x" * 10_240, *(text.encode() for text in words.IDS))
        return record._replace(key=choose.one_of(odd))
    if form <= 7:
        return record._replace(headers=_headers(choose, tuple(record.headers)))
    if form == 8:
        return record._replace(topic=choose.one_of(TOPICS))
    return record._replace(timestamp=choose.one_of((-1, 0, 1, record.timestamp * 1_000)))


def _headers(
    choose: RandomChoices, headers: tuple[tuple[str, bytes | None], ...]
) -> tuple[tuple[str, bytes | None], ...]:
    form = choose.whole(0, 5)
    at = choose.whole(0, len(headers))
    odd = (choose.one_of(words.HEADER_NAMES), choose.one_of(words.HEADER_VALUES))
    if form == 0:
        return headers[:at] + headers[at + 1 :]
    if form == 1:
        return tuple((f"x-{n}", b"y") for n in range(1_000)) + headers
    if form == 2 and at < len(headers):
        return (*headers[:at], (headers[at][0], odd[1]), *headers[at + 1 :])
    if form == 3 and at < len(headers):
        return (*headers[:at], (headers[at][0].upper(), headers[at][1]), *headers[at + 1 :])
    return (*headers[:at], odd, *headers[at:])
