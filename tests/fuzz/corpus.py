"""Sessions as files that people can read: JSON, texts as texts, bytes that are no text in hexadecimal.

A file is named by the rule that it once broke and (after `--`) what did it, and says in `why` what was wrong. While the defect is
there, `known` says so: its test is expected to fail, and must be told when it does not any more.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from scorer.engine.memory import MemoryRecord
from tests.fuzz.sessions import Session, Step

FOLDER: Final = Path(__file__).parent / "corpus"


def write(it: Session, rule: str, why: str, folder: Path = FOLDER) -> Path:
    """Keep a session; the path of its file, the same for the same session."""
    steps = json.dumps([_step_out(step) for step in it.steps])
    content = {"why": why, "model": it.model, "partitions": it.partitions}
    content["steps"] = json.loads(steps)
    name = f"{rule}--{hashlib.sha256(steps.encode()).hexdigest()[:8]}.json"
    folder.mkdir(exist_ok=True)
    path = folder / name
    text = json.dumps(content, ensure_ascii=True, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def read(path: Path) -> Session:
    """The session of a file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    steps = tuple(_step_in(step) for step in content["steps"])
    return Session(content["model"], content["partitions"], steps)


def known(path: Path) -> str | None:
    """Why the session of a file still fails; None: it must not."""
    reason: str | None = json.loads(path.read_text(encoding="utf-8")).get("known")
    return reason


def known_rules() -> frozenset[str]:
    """The rules that a known defect breaks: until it is mended, other ways to break them go unseen."""
    return frozenset(file.stem.partition("--")[0] for file in files() if known(file))


def files(folder: Path = FOLDER) -> list[Path]:
    """Every session that is kept."""
    return sorted(folder.glob("*.json"))


def _step_out(step: Step) -> dict[str, Any]:
    return {"records": [_record_out(record) for record in step.records], "tick_us": step.tick_us}


def _step_in(step: dict[str, Any]) -> Step:
    return Step(tuple(_record_in(record) for record in step["records"]), step["tick_us"])


def _record_out(record: MemoryRecord) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "key": _out(record.key),
        "value": _out(record.value),
        "timestamp": record.timestamp,
        "headers": [[name, _out(content)] for name, content in record.headers],
    }


def _record_in(fields: dict[str, Any]) -> MemoryRecord:
    # A header without a value is allowed on the wire, whatever the type says.
    headers: Any = tuple((name, _in(content)) for name, content in fields["headers"])
    return MemoryRecord(
        fields["topic"], _in(fields["key"]), _in(fields["value"]), fields["timestamp"], headers
    )


def _out(content: bytes | None) -> str | dict[str, str] | None:
    if content is None:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"hex": content.hex()}


def _in(content: str | dict[str, str] | None) -> bytes | None:
    if isinstance(content, dict):
        return bytes.fromhex(content["hex"])
    return None if content is None else content.encode()
