"""Charts of stories and models: what they show, in characters and as SVG."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from scorer.contracts.model.build import build
from scorer.contracts.model.file import load_document
from scorer.domain.events import Behaviour, Created, LeadEvent
from scorer.domain.fold import fold
from scorer.domain.model import DAY_US, BehaviourRule, DecayKind
from scorer.domain.plan import Plan
from scorer.domain.state import LeadState
from scorer.engine.account import account
from scorer.simulate import braille, svg, typical_svg
from scorer.simulate.chart import Chart, chart_of
from scorer.simulate.play import play
from scorer.simulate.story_file import load_story, scenarios
from scorer.simulate.typical import START_US, Typical, typical

ROOT = Path(__file__).parents[2]
MODELS = ("default", "education")
SVG = "{http://www.w3.org/2000/svg}"


@cache
def chart_of_story(name: str = "cools-down-in-silence") -> Chart:
    return chart_of(play(load_story(scenarios()[name])))


@cache
def picture_of(model: str) -> Typical:
    document, _ = load_document(model)
    return typical(document, build(document))


def lines(chart: Chart, width: int) -> list[str]:
    return ["".join(text for text, _ in line) for line in braille.draw(chart, width)]


@pytest.mark.parametrize("name", scenarios())
@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_chart_fits_its_columns_whatever_the_story(name: str, width: int) -> None:
    drawn = lines(chart_of_story(name), width)

    assert max(len(line) for line in drawn) <= width
    assert any("⠀" < c <= "⣿" for line in drawn for c in line)  # the curve is there


def test_a_chart_in_characters_names_bounds_days_and_crossings() -> None:
    drawn = "\n".join(lines(chart_of_story(), 80))

    for word in ("hot > 70", "warm ≥ 30", "day 1", "day 15", "▲ crossing up", "▼ crossing down"):
        assert word in drawn


@pytest.mark.parametrize("name", scenarios())
def test_every_story_is_drawn_as_valid_svg_within_its_frame(name: str) -> None:
    chart = chart_of_story(name)

    root = ET.fromstring(svg.draw(chart))

    path = next(p.get("d", "") for p in root.iter(f"{SVG}path") if p.get("class") == "curve")
    for x, y in re.findall(r"([\d.]+) ([\d.]+)", path):
        assert svg.LEFT <= float(x) <= svg.WIDTH - svg.RIGHT
        assert svg.TOP <= float(y) <= svg.TOP + svg.PLOT
    assert len(list(root.iter(f"{SVG}circle"))) == len(chart.marks)
    assert chart.title in "".join(root.itertext())


@pytest.mark.parametrize("model", MODELS)
def test_a_model_is_drawn_with_a_tile_for_each_rule_and_silence(model: str) -> None:
    it = picture_of(model)

    root = ET.fromstring(typical_svg.draw(it))

    assert len(list(root.iter(f"{SVG}polyline"))) == len(it.rules) + len(it.silences)
    said = "".join(root.itertext())
    assert all(fade.label_en in said for fade in it.rules)
    assert "Asked" in said
    assert "申请" in typical_svg.draw(it, "zh")


@pytest.mark.parametrize("model", MODELS)
def test_a_rule_fades_in_the_picture_as_it_does_in_the_fold(model: str) -> None:
    """The picture has formulas of its own; the fold is the oracle."""
    it = picture_of(model)
    document, _ = load_document(model)
    built = build(document)
    faded = {fade.id: fade.values for fade in it.rules}
    for rule in built.rules:
        if isinstance(rule, BehaviourRule) and rule.points and rule.streak is None:
            plan, state = Plan(built), LeadState(built.hash)
            for name, body in (("a", Created("x")), ("b", Behaviour(min(rule.on)))):
                fold(state, LeadEvent("x", START_US, "/", name, body), plan)
            for day in (0, 1, 6, it.days):
                lines = account(state, "x", plan, START_US + day * DAY_US).explanation.lines
                points = sum(line.points for line in lines if line.name == rule.id)
                assert points == pytest.approx(faded[rule.id][day], abs=0.011)


def test_all_ways_to_fade_are_in_the_shipped_models() -> None:
    kinds = {
        rule.decay.kind
        for model in MODELS
        for rule in build(load_document(model)[0]).rules
        if isinstance(rule, BehaviourRule)
    }
    assert kinds == set(DecayKind)


@pytest.mark.parametrize("model", MODELS)
def test_a_better_fit_is_never_below_a_worse_one_and_all_fall(model: str) -> None:
    curves = [dict(curve.points) for curve in picture_of(model).chart.curves]

    for better, worse in pairwise(curves):
        assert all(better[at] >= worse[at] for at in better.keys() & worse.keys())
    for curve in curves:
        values = [curve[at] for at in sorted(curve)]
        assert values == sorted(values, reverse=True)


def test_bars_are_full_at_the_top_and_blank_at_nothing() -> None:
    assert braille.spark([8, 4, 1, 0], 8) == "█▅▂ "
