"""Guided diagnosis: questions whose answers lead on, to an article or to a support request.

Pure: a document in, what is wrong with it or where an answered path stands out. Every question
takes "I don't know", and a support request can be opened at every point; so a path ends only where
its reader wants it to, and what was said goes along (P10).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

UNKNOWN = "unknown"  # the answer that every question takes
LONGEST_PATH = 40  # answers

Words = Mapping[str, str]  # {"cs", "en"}


@dataclass(frozen=True)
class Answer:
    """`next`: the step it leads to. `label` is empty for "I don't know": pages say that."""

    id: str
    label: Words
    next: str


@dataclass(frozen=True)
class Step:
    """A question if it has answers, else a conclusion, perhaps with an article."""

    id: str
    text: Words
    hint: Words = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    article: str = ""

    @property
    def is_question(self) -> bool:
        return bool(self.answers)


@dataclass(frozen=True)
class Guide:
    """A guided diagnosis: its steps by name, and the one it starts with."""

    start: str
    steps: Mapping[str, Step]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Guide:
        """The guide that a stored document spells."""
        return cls(
            start=document["start"],
            steps={name: _step(name, step) for name, step in document["steps"].items()},
        )


@dataclass(frozen=True)
class Given:
    """One question with the answer that was given."""

    step: Step
    answer: Answer


@dataclass(frozen=True)
class Walk:
    """Where a path of answers stands: what was said so far, and the step it led to."""

    given: tuple[Given, ...]
    here: Step

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(one.answer.id for one in self.given)


def walk(guide: Guide, path: Sequence[str]) -> Walk:
    """Follow answers from the start. An answer that the question does not have ends the way there,
    so that an address somebody changed shows the last question it still fits."""
    given: list[Given] = []
    here = guide.steps[guide.start]
    for answer_id in path[:LONGEST_PATH]:
        answer = next((one for one in here.answers if one.id == answer_id), None)
        if answer is None:
            break
        given.append(Given(here, answer))
        here = guide.steps[answer.next]
    return Walk(tuple(given), here)


@dataclass(frozen=True)
class Fault:
    """`at`: names from the document's top, for a pointer. `code`: what is wrong."""

    at: tuple[str | int, ...]
    code: str


def faults(guide: Guide) -> list[Fault]:
    """Everything that would leave a reader without a way on; empty if the guide can be used.

    no-such-step      leads to a step that is not there
    never-reached     no way leads to this step
    no-conclusion     no way leads from this step to a conclusion: a dead end, or a loop
    """
    if guide.start not in guide.steps:
        return [Fault(("start",), "no-such-step")]
    missing = [
        Fault(at, "no-such-step") for at, leads_to in _links(guide) if leads_to not in guide.steps
    ]
    if missing:
        return missing
    reached = _reached(guide.start, {s.id: _following(s) for s in guide.steps.values()})
    ends = [step.id for step in guide.steps.values() if not step.is_question]
    back: dict[str, set[str]] = {name: set() for name in guide.steps}
    for step in guide.steps.values():
        for leads_to in _following(step):
            back[leads_to].add(step.id)
    ending = {name for end in ends for name in _reached(end, back)}
    return [
        Fault(("steps", name), "never-reached" if name not in reached else "no-conclusion")
        for name in guide.steps
        if name not in reached or name not in ending
    ]


def _links(guide: Guide) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for step in guide.steps.values():
        for at, answer in enumerate(step.answers):
            if answer.id == UNKNOWN:
                yield ("steps", step.id, "unknown"), answer.next
            else:
                yield ("steps", step.id, "answers", at, "next"), answer.next


def _following(step: Step) -> set[str]:
    return {answer.next for answer in step.answers}


def _reached(start: str, following: Mapping[str, set[str]]) -> set[str]:
    seen = {start}
    waiting = [start]
    while waiting:
        for name in following[waiting.pop()] - seen:
            seen.add(name)
            waiting.append(name)
    return seen


def _step(name: str, step: Mapping[str, Any]) -> Step:
    if "question" not in step:
        return Step(id=name, text=step["text"], article=step.get("article", ""))
    answers = [Answer(a["id"], a["label"], a["next"]) for a in step["answers"]]
    answers.append(Answer(UNKNOWN, {}, step["unknown"]))
    return Step(id=name, text=step["question"], hint=step.get("hint") or {}, answers=tuple(answers))
