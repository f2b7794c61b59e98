"""Guided diagnosis: what can be loaded leads on from everywhere and loses nothing that was said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opora.knowledge.diagnosis import LONGEST_PATH, UNKNOWN, Guide, faults, walk

pytestmark = pytest.mark.rules

NAMES = [f"s{n}" for n in range(6)]


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Any graph of six steps: loops, dead ends, steps that nobody reaches."""
    steps: dict[str, Any] = {}
    for name in NAMES:
        if draw(st.booleans()):
            targets = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3))
            steps[name] = {
                "question": {"en": name},
                "answers": [
                    {"id": f"a{at}", "label": {"en": f"a{at}"}, "next": target}
                    for at, target in enumerate(targets)
                ],
                "unknown": draw(st.sampled_from(NAMES)),
            }
        else:
            steps[name] = {"text": {"en": name}}
    return {"start": draw(st.sampled_from(NAMES)), "steps": steps}


def ways(document: Mapping[str, Any], name: str) -> set[str]:
    """Where a step leads, read from the document itself."""
    step = document["steps"][name]
    if "question" not in step:
        return set()
    return {answer["next"] for answer in step["answers"]} | {step["unknown"]}


def reachable(document: Mapping[str, Any], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = {start}
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting |= ways(document, name) - seen
    return seen


@pytest.mark.shows("P10")
@given(documents())
def test_a_guide_without_faults_leads_to_a_conclusion_from_every_question(
    document: dict[str, Any],
) -> None:
    told = faults(Guide.of(document))
    reached = reachable(document, document["start"])
    stuck = {
        name
        for name in NAMES
        if not any("text" in document["steps"][one] for one in reachable(document, name))
    }
    expected = {
        name: "never-reached" if name not in reached else "no-conclusion"
        for name in NAMES
        if name not in reached or name in stuck
    }
    assert {str(one.at[1]): one.code for one in told} == expected


@pytest.mark.shows("P10")
@given(documents(), st.lists(st.sampled_from(["a0", "a1", "a2", UNKNOWN, "made-up"]), max_size=60))
def test_any_path_stands_somewhere_and_keeps_every_answer_it_has(
    document: dict[str, Any], path: list[str]
) -> None:
    guide = Guide.of(document)
    stand = walk(guide, path)
    assert len(stand.given) <= LONGEST_PATH
    assert list(stand.path) == path[: len(stand.given)]
    at = document["start"]
    for one in stand.given:
        assert one.step.id == at
        at = one.answer.next
    assert stand.here.id == at
    assert walk(guide, stand.path) == stand
    if len(stand.given) < min(len(path), LONGEST_PATH):
        assert path[len(stand.given)] not in {one.id for one in stand.here.answers}


@given(documents())
def test_every_question_takes_i_do_not_know(document: dict[str, Any]) -> None:
    for step in Guide.of(document).steps.values():
        assert step.is_question == any(one.id == UNKNOWN for one in step.answers)


def test_an_answer_that_leads_nowhere_is_named() -> None:
    guide = Guide.of(
        {
            "start": "s0",
            "steps": {
                "s0": {
                    "question": {"en": "?"},
                    "answers": [{"id": "yes", "label": {"en": "Yes"}, "next": "gone"}],
                    "unknown": "lost",
                }
            },
        }
    )
    assert [(one.at, one.code) for one in faults(guide)] == [
        (("steps", "s0", "answers", 0, "next"), "no-such-step"),
        (("steps", "s0", "unknown"), "no-such-step"),
    ]
