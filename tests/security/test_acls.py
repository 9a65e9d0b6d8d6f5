"""Rights follow from the topic cards, and the docs print what the code derives."""

from __future__ import annotations

from pathlib import Path

import pytest

from scorer.settings import Settings
from scorer.transport.acls import Operation, Resource, Role, commands, grants, worker_grants
from topologies.stages import STAGES, build

DOCS = Path(__file__).parents[2] / "docs" / "how-to" / "secure.md"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_may_read_its_inputs_and_write_its_outputs_and_nothing_else(stage: str) -> None:
    settings = Settings()
    _, factory = build(settings, stage)
    own = {g.name: g.operations for g in worker_grants(settings, stage)}
    topics = {g.name for g in worker_grants(settings, stage) if g.resource is Resource.TOPIC}
    changelog = settings.changelog(stage)
    assert {t for t in topics if Operation.READ in own[t]} == {*factory.inputs, changelog}
    written = {*factory.outputs, "leads.dead-letters.v1", changelog}
    assert {t for t in topics if Operation.WRITE in own[t]} == written


@pytest.mark.parametrize("role", Role)
def test_no_role_may_do_what_it_has_no_use_for(role: Role) -> None:
    used = {operation for grant in grants(Settings(), role) for operation in grant.operations}
    assert Operation.CREATE not in used or role is Role.OPERATOR
    assert Operation.READ not in used or role not in {Role.OPERATOR, Role.PUBLISHER}


def test_names_follow_the_prefix_and_the_application() -> None:
    settings = Settings(app="eu", topics={"prefix": "test."})  # type: ignore[arg-type]
    names = [grant.name for grant in grants(settings, Role.WORKER)]
    assert all(name.startswith("test.") for name in names)
    assert "test.eu-scoring-changelog" in names


def test_the_docs_show_what_the_command_prints() -> None:
    settings = Settings()
    needed = grants(settings, Role.WORKER)
    servers = settings.kafka.bootstrap_servers
    text = DOCS.read_text("utf-8")
    for command in commands(needed, "User:scorer", servers, "admin.properties"):
        assert command in text
