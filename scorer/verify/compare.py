"""What must be there against what is there, for one lead or one partition. Pure; prints nothing."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple, Protocol

from scorer.contracts.dead_letters import PREFIX, parse_dead_letter
from scorer.contracts.laid_open import parts
from scorer.contracts.records import Message, Record
from scorer.contracts.stored import StateError
from scorer.domain.marks import Marks
from scorer.engine.ports import StateWrite
from scorer.verify.retell import Due
from scorer.verify.said import ERASURE, UNREADABLE, Said
from scorer.verify.verdict import Fault

_OF_ORDER: Final = {"sayings"}
"""Parts of a state that depend on the order in which late evidence came; outputs show whether they are right."""


class Difference(NamedTuple):
    """A fault of one lead's outputs or state, before it is known where it belongs."""

    fault: Fault
    said: Said
    why: str


def outputs(due: Sequence[Due], found: Sequence[Said]) -> Iterator[Difference]:
    """The faults in one lead's outputs on one topic."""
    wanted: dict[str, list[Due]] = defaultdict(list)
    there: dict[str, list[Said]] = defaultdict(list)
    for one in due:
        wanted[one.said.id].append(one)
    for said in found:
        there[said.id].append(said)
    for key in wanted | there:
        yield from _same_id(wanted.get(key, []), there.get(key, []))
    order = [one.said.id for one in due if one.said.id in there]
    if sorted(order) == sorted(ids := [said.id for said in found]) and order != ids:
        number = next(n for n, (a, b) in enumerate(zip(order, ids, strict=True)) if a != b)
        yield Difference(Fault.WRONG, found[number], "lies in another order than it was caused")


def _same_id(wanted: Sequence[Due], there: Sequence[Said]) -> Iterator[Difference]:
    for due, said in zip(wanted, there, strict=False):
        if said.id == UNREADABLE:
            yield Difference(Fault.WRONG, said, "is no output that can be read")
        elif due.said.digest != said.digest:
            yield Difference(Fault.WRONG, said, "says something else than the inputs give")
    for due in wanted[len(there) :]:
        if due.must:
            yield Difference(Fault.MISSING, due.said, "follows from the inputs and is not there")
    for number, said in enumerate(there[len(wanted) :]):
        before = [*(due.said for due in wanted), *there[: len(wanted) + number]]
        if not before:
            yield Difference(Fault.WRONG, said, "nothing in the inputs asks for it")
        elif said.digest in (other.digest for other in before) or said.id == ERASURE:
            yield Difference(Fault.DOUBLED, said, "is there more often than it was caused")
        else:
            yield Difference(Fault.CONFLICTING, said, "repeats an id with another content")


def doubles(found: Sequence[Said]) -> Iterator[Difference]:
    """What is wrong with outputs about which nothing else is known."""
    seen: dict[str, Said] = {}
    for said in found:
        if said.id == ERASURE:
            seen.clear()  # the same evidence may be published anew about an erased lead
        elif (before := seen.setdefault(said.id, said)) is not said:
            same = before.digest == said.digest
            fault = Fault.DOUBLED if same else Fault.CONFLICTING
            yield Difference(fault, said, "repeats an id")


class Kept(Protocol):
    """A stored state of a lead, of whichever stage."""

    marks: Marks
    frontier: tuple[Any, ...] | None
    head: Any

    @property
    def ids(self) -> set[tuple[str, str]]: ...


Decode = Callable[[bytes], Kept]


def state(
    right: Sequence[StateWrite | None], found: StateWrite | None, decode: Decode
) -> str | None:
    """How a stored state differs from each of those that are right; None: it does not."""
    if found in right:
        return None
    wanted = right[-1]
    if found is None or wanted is None:
        return "must be there and is not" if wanted else "nothing in the inputs asks for it"
    try:
        differences = [_differing(write, found, decode) for write in right if write is not None]
    except StateError as error:
        return str(error)
    return None if [] in differences else f"differs in {', '.join(differences[-1])}"


def _differing(wanted: StateWrite, found: StateWrite, decode: Decode) -> list[str]:
    """The parts of a state that differ."""
    assert wanted.value is not None
    assert found.value is not None
    a, b = decode(wanted.value), decode(found.value)
    differing = [
        f"{name}.{part}" if name == "head" else name
        for name in parts(a)
        if name not in _OF_ORDER
        for part in (parts(a.head) if name == "head" else ("",))
        if not _same(
            *((getattr(s.head, part) if name == "head" else getattr(s, name)) for s in (a, b))
        )
    ]
    return differing + (["due instant"] if wanted.due_us != found.due_us else [])


def _same(a: Any, b: Any) -> bool:
    """Equal, floats to the noise of another order of summation."""
    if isinstance(a, float) or isinstance(b, float):
        numbers = isinstance(a, int | float) and isinstance(b, int | float)
        return numbers and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(value, b[key]) for key, value in a.items())
    if names := parts(a):
        return type(a) is type(b) and all(_same(getattr(a, n), getattr(b, n)) for n in names)
    return bool(a == b)


def older_evidence(right: StateWrite | None, found: StateWrite | None, decode: Decode) -> bool:
    """Whether a stored state rests on evidence that is not among what was folded anew."""
    if found is None or found.value is None:
        return False
    held = decode(found.value)
    if right is None or right.value is None:
        return True
    ours = decode(right.value)
    return (
        held.head.created_us != ours.head.created_us
        or not held.ids <= ours.ids | _settled(ours)
        or not set(held.marks) <= set(ours.marks)
        or (held.frontier is not None and ours.frontier is None)
    )


def _settled(state: Kept) -> set[tuple[str, str]]:
    return set() if state.frontier is None else {(state.frontier[1], state.frontier[2])}


def letter_topic(record: Record) -> str | None:
    """The topic of the input that a dead letter is about."""
    letter = parse_dead_letter(record)
    return None if letter is None else letter.topic


def letter_key(record: Record) -> tuple[str, int, int] | None:
    """Which input record a dead letter is about; None: it is not one of ours."""
    letter = parse_dead_letter(record)
    return None if letter is None else (letter.topic, letter.partition, letter.offset)


def letter_digest(letter: Message | Record) -> bytes:
    """Everything about a dead letter but the release that wrote it."""
    parts = [letter.key, letter.value]
    for name, content in letter.headers:
        if name != PREFIX + "version":
            parts += [name.encode(), content]
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(b"-" if part is None else b"%d:%b" % (len(part), part))
    return digest.digest()
