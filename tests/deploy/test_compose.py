"""docker-compose.yml is valid, and starts what exists, safely.

`compose-spec.json` is the schema of the Compose specification (github.com/compose-spec/compose-spec,
schema/compose-spec.json at 170098b, Apache-2.0).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from scorer.settings import Settings

ROOT = Path(__file__).parents[2]
OURS = "lead-scorer:local"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe", pure=True).load(ROOT / "docker-compose.yml")
    return document


@pytest.fixture(scope="module")
def ours(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: s for name, s in compose["services"].items() if s.get("image") == OURS}


def test_it_meets_the_compose_specification(compose: dict[str, Any]) -> None:
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text("utf-8"))
    errors = [e.message for e in Draft7Validator(schema).iter_errors(compose)]
    assert errors == []


def test_images_are_pinned_to_a_version(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        tag = service["image"].rpartition(":")[2]
        assert re.match(r"v?\d+\.\d+\.\d+$|local$", tag), name


def test_what_a_service_waits_for_exists_and_can_be_waited_for(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for service in services.values():
        for name, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "test" in services[name]["healthcheck"]
            else:
                assert "restart" not in services[name], "a job must end for others to start"


def test_ports_are_open_on_this_machine_only(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_volumes_are_declared(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert (
                (ROOT / source).exists() if source.startswith(".") else source in compose["volumes"]
            )


def test_our_containers_cannot_write_outside_their_volume_or_gain_rights(
    ours: dict[str, dict[str, Any]],
) -> None:
    for service in ours.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_two_workers_with_names_of_their_own(ours: dict[str, dict[str, Any]]) -> None:
    workers = [s for s in ours.values() if s.get("command") == ["run"]]
    names = {worker["environment"]["LEADSCORER_INSTANCE_ID"] for worker in workers}
    assert len(workers) == len(names) == 2


def test_every_variable_is_a_setting_with_a_valid_value(
    ours: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = set(_variables(Settings.model_json_schema()))
    for service in ours.values():
        variables = service["environment"]
        assert set(variables) <= known
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            Settings()


def _variables(schema: dict[str, Any]) -> list[str]:
    """All `LEADSCORER_…` names, from the schema of the settings."""

    def walk(node: dict[str, Any], prefix: str) -> list[str]:
        names: list[str] = []
        for name, field in node["properties"].items():
            reference = field.get("$ref", "").removeprefix("#/$defs/")
            section = schema["$defs"].get(reference, {})
            path = prefix + name.upper()
            names += walk(section, path + "__") if "properties" in section else [path]
        return names

    return walk(schema, "LEADSCORER_")
