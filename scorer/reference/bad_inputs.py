"""Every bad input that was thought of, and what becomes of it on every input topic. Knows no code that reads.

The page for publishers shows this table; tests/contracts/test_every_bad_input.py holds each row of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scorer.contracts.reasons import RejectReason as R
from scorer.reference.markdown import table

REJECTED: Final[Mapping[str, R]] = {
    "no value (a tombstone)": R.TOMBSTONE,
    "an empty value": R.VALUE_EMPTY,
    "a value of one byte more than 64 KiB": R.VALUE_TOO_LARGE,
    "text that is no JSON": R.INVALID_JSON,
    "JSON that is cut off": R.INVALID_JSON,
    "two documents in one value": R.INVALID_JSON,
    "JSON compressed by the application (gzip)": R.INVALID_JSON,
    "a byte order mark": R.INVALID_JSON,
    "UTF-16": R.INVALID_JSON,
    "bytes that are not UTF-8": R.INVALID_JSON,
    "half a surrogate pair": R.INVALID_JSON,
    "byte 0 and a schema id of a schema registry": R.INVALID_JSON,
    "NaN": R.INVALID_JSON,
    "Infinity": R.INVALID_JSON,
    "10,000 levels of nesting": R.NESTED_TOO_DEEP,
    "a list of events": R.NOT_AN_OBJECT,
    "a JSON text": R.NOT_AN_OBJECT,
    "a JSON null": R.NOT_AN_OBJECT,
    "another specversion": R.SPECVERSION_UNSUPPORTED,
    "an unknown type": R.TYPE_UNKNOWN,
    "an unknown major version": R.VERSION_UNKNOWN,
    "a type of another topic": R.WRONG_TOPIC,
    "an empty object": R.MISSING_FIELD,
    "no type": R.MISSING_FIELD,
    "no id": R.MISSING_FIELD,
    "no time": R.MISSING_FIELD,
    "no data": R.MISSING_FIELD,
    "data without its lead or owner": R.MISSING_FIELD,
    "a lead or owner that is a number": R.WRONG_TYPE,
    "a lead or owner that is true": R.WRONG_TYPE,
    "an id of 2^63": R.WRONG_TYPE,
    "data as a text of JSON": R.WRONG_TYPE,
    "an empty lead or owner": R.INVALID_VALUE,
    "a lead or owner of 257 characters": R.INVALID_VALUE,
    "a time without a zone": R.TIME_INVALID,
    "a time in seconds": R.TIME_INVALID,
    "a time in milliseconds": R.TIME_INVALID,
    "a time of 1970": R.TIME_OUT_OF_RANGE,
    "a time of 2100": R.TIME_OUT_OF_RANGE,
    "a time ten years ahead": R.TIME_IN_FUTURE,
    "no key": R.KEY_MISSING,
    "an empty key": R.KEY_EMPTY,
    "a key of 10 KiB": R.KEY_TOO_LONG,
    "a key that is not UTF-8": R.KEY_NOT_UTF8,
    "the key of another lead or owner": R.KEY_MISMATCH,
    "a header whose name is not UTF-8": R.HEADER_INVALID,
    "Avro": R.CONTENT_TYPE_UNSUPPORTED,
    "a CloudEvents batch": R.CONTENT_TYPE_UNSUPPORTED,
}
"""On `leads.tiers.v1`, where the pool reads what scoring wrote, see `ON_TIERS`."""

ACCEPTED: Final[Mapping[str, str]] = {
    "the same field twice": "read; the last one counts",
    "a field that nobody knows": "read without it",
    "1e999 in a field that nobody knows": "read without it",
    "255 levels of nesting in a field that nobody knows": "read without it",
    "blanks up to 64 KiB": "read",
    "1,000 headers": "read",
    "no headers": "read",
    "a header without a value": "read",
    "headers that forge `leadscorer.errors.*`": "read; a dead letter has our own in their place",
    "a lead or owner with emoji": "an id like any other",
    "a lead or owner written from right to left": "an id like any other",
    "a lead or owner with a zero byte": "an id like any other",
    "a lead or owner that looks like a path": "an id like any other",
    "a lead or owner that looks like SQL": "an id like any other",
}

ELSEWHERE: Final[Mapping[str, str]] = {
    "records compressed by the producer with gzip, snappy, lz4 or zstd": "read",
    "records of a transaction that was aborted": "never seen",
    "a record on another partition than its key's": (
        "read where it lies, as evidence of a lead of that partition, which is not the same lead: use one partitioner"
    ),
    "evidence before the creation of its lead": "held until the lead is created",
    "evidence after the erasure of its lead": (
        "held as that of an unknown lead, until it is created anew; nothing from before comes back"
    ),
    "a million events of one lead": "all counted; the state stays below 16 KiB, the cost of an event the same",
    "what is no crossing on `leads.tiers.v1`, or has another key": (
        "`invalid_json`, `wrong_topic` or `key_mismatch`, by the pool; a null value there is an erasure"
    ),
    "1,000 bad records in a row, or half of the last 10,000": (
        "the worker stops with the offset held (settings `LEADSCORER_DEAD_LETTERS__…`)"
    ),
}
"""What a topic alone does not decide."""

ON_TIERS: Final = frozenset({R.INVALID_JSON, R.WRONG_TOPIC, R.KEY_MISMATCH})
"""The reasons on `leads.tiers.v1`, where whatever scoring did not write is no crossing."""


def bad_inputs() -> str:
    """One row for each."""
    rows = [(name, f"dead letter `{reason}`") for name, reason in REJECTED.items()]
    return "\n".join(
        [
            "## Bad input, one by one\n",
            "On every input topic alike. A bad record costs itself alone: what lies beside it in the batch is handled,",
            "and the worker goes on. Of a topic that both stages read, scoring writes the dead letter.\n",
            table(("input", "what becomes of it"), [*rows, *ACCEPTED.items(), *ELSEWHERE.items()]),
        ]
    )
