"""The commands that need no broker: trace, model, config, doctor, help; and how failures are told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from scorer.cli.exits import MEANING, Exit
from scorer.cli.main import app
from scorer.transport.exits import ExitCode
from tests.cli.memory_broker import Desk
from tests.cli.test_publish import event


def test_a_trace_walks_an_event_to_its_outputs(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(event("lead-1"))
    steps = {
        step["title"]: step
        for step in json.loads(desk.run("trace", "--event", str(file), "--json").out)
    }
    assert list(steps) == [
        "Record", "Decoded", "Assumed", "State before", "Fold", "State after, explained", "Outputs", "Committed",
    ]  # fmt: skip
    assert any("asked_for_demo" in line for line in steps["State after, explained"]["lines"])
    assert any("leads.scores.v1" in line for line in steps["Outputs"]["lines"])


def test_a_trace_names_files_that_exist(desk: Desk) -> None:
    steps = json.loads(desk.run("trace", "--event", "-", "--json", stdin=event("a")).out)
    root = Path(__file__).parents[2]
    assert [
        step["where"]
        for step in steps
        if "/" in step["where"] and not (root / step["where"]).is_file()
    ] == []


def test_a_trace_of_several_lines_traces_the_last(desk: Desk) -> None:
    created = event(
        "a",
        id="1",
        type="leadscorer.lead.created.v1",
        data={"lead_id": "a", "source_channel": "web"},
    )
    steps = json.loads(
        desk.run("trace", "--event", "-", "--json", stdin=f"{created}\n{event('a')}\n").out
    )
    assert "Assumed" not in [step["title"] for step in steps]


def test_a_trace_of_a_double_says_so(desk: Desk) -> None:
    created = event(
        "a",
        id="1",
        type="leadscorer.lead.created.v1",
        data={"lead_id": "a", "source_channel": "web"},
    )
    out = desk.run("trace", "--event", "-", stdin="\n".join([created, event("a"), event("a")])).out
    assert "duplicate" in out


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{broken", "invalid_json"),
        (event("a", type="leadscorer.lead.behaviour.v9"), "version_unknown"),
    ],
)
def test_a_trace_of_a_rejected_event_shows_its_dead_letter(
    desk: Desk, document: str, reason: str
) -> None:
    said = desk.run("trace", "--event", "-", stdin=document)
    assert said.code == Exit.PROBLEMS
    assert f"reason {reason}" in said.out
    assert "leadscorer.errors.reason" in said.out


def test_the_shipped_models_are_well(desk: Desk) -> None:
    assert desk.run("model", "check", "default").code == Exit.OK
    assert desk.run("model", "check", "education").code == Exit.OK


def test_a_bad_model_is_told_with_its_line(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "model.yaml"
    file.write_text("name: x\nversion: '1'\ndimensions: {}\nrulez: []\n")
    said = desk.run("model", "check", str(file), "--json")
    assert said.code == Exit.CONFIG
    assert any(
        finding["line"] == 4 and "rules" in finding["suggestion"]
        for finding in json.loads(said.out)
    )


def test_a_model_is_shown_as_tables_and_as_json(desk: Desk) -> None:
    assert "asked_for_demo" in desk.run("model", "show").out
    assert any(
        section["title"] == "Tiers"
        for section in json.loads(desk.run("model", "show", "--json").out)
    )


def test_settings_are_shown_without_their_secrets(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scorer.settings import Settings

    monkeypatch.setenv("LEADSCORER_KAFKA__KEY_PASSWORD", "s3cret")
    desk.settings = Settings()
    said = desk.run("config", "show")
    assert "LEADSCORER_KAFKA__BOOTSTRAP_SERVERS" in said.out
    assert "s3cret" not in said.out + desk.run("config", "show", "--json").out
    assert "KEY_PASSWORD" in desk.run("config", "show", "--changed").out


def test_doctor_gives_a_remedy_for_every_problem(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADSCORER_KAFKA__BOOTSTRAP_SERVERS", "127.0.0.1:1")
    said = desk.run("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(said.out)}
    assert said.code == Exit.PROBLEMS
    assert checks["brokers"]["status"] == "problem"
    assert all(
        check["remedy"] for check in checks.values() if check["status"] in ("problem", "warning")
    )


def test_a_wrong_setting_is_named_by_its_variable() -> None:
    code = "from scorer.cli.main import run; run()"
    environment = {"LEADSCORER_TOPICS__PARTITIONS": "none"}
    done = subprocess.run(
        [sys.executable, "-c", code, "list"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == Exit.CONFIG
    assert "LEADSCORER_TOPICS__PARTITIONS" in done.stderr
    assert "→" in done.stderr
    assert "Traceback" not in done.stderr


def test_unreachable_brokers_are_told_in_one_line() -> None:
    code = "from scorer.cli.main import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--brokers", "127.0.0.1:1", "list"],
        env={}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == Exit.BROKER
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.strip().splitlines()) == 1


def test_help_needs_neither_kafka_nor_faust() -> None:
    code = (
        "import sys; import scorer.cli.main\n"
        "print([m for m in ('aiokafka', 'faust', 'rocksdict', 'pydantic', 'msgspec', 're2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _commands(command: object, name: str = "lead-scorer") -> list[tuple[str, object]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(name, command)]
    return [found for key, each in inner.items() for found in _commands(each, f"{name} {key}")]


def test_every_command_has_a_section_in_the_reference() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/cli.md").read_text("utf-8")
    missing = [
        name for name, _ in _commands(typer.main.get_command(app)) if f"## {name}" not in page
    ]
    assert missing == []


def test_every_option_says_what_it_is_for() -> None:
    silent = [
        f"{name} {parameter.name}"
        for name, command in _commands(typer.main.get_command(app))
        for parameter in command.params  # type: ignore[attr-defined]
        if not getattr(parameter, "help", None)
    ]
    assert silent == []


def test_every_exit_code_has_a_meaning_and_agrees_with_the_worker() -> None:
    assert set(MEANING) == set(Exit)
    names = {int(code): code.name for code in Exit}
    assert {c: c.name for c in ExitCode if names.get(int(c), c.name) != c.name} == {}
