"""What was answered to the questions beside a description (S6.1): nobody has to answer; kept with
the draft by the question's id, and readable under the description once the case is open.

Pure: plain values in, findings and texts out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

LONGEST_ANSWER = 5_000
AROUND_AN_ANSWER = 210  # characters: its question, and what stands between


@dataclass(frozen=True)
class Detail:
    """One answer; `question` is the question's id."""

    question: str
    answer: str


def details_of(answers: Mapping[str, Any]) -> tuple[Detail, ...]:
    """The details that a draft's mapping spells; what is no text is left out."""
    return tuple(
        Detail(question, answer) for question, answer in answers.items() if isinstance(answer, str)
    )


def problems_with_details(
    details: Iterable[Detail], *, beside: str, longest: int
) -> Iterator[tuple[str, str]]:
    """Each answer that is too long, and the description `beside` them if the whole would be over
    `longest` characters: (field, what to do)."""
    whole = len(beside)
    for detail in details:
        whole += len(detail.answer) + AROUND_AN_ANSWER
        if len(detail.answer) > LONGEST_ANSWER:
            yield (
                f"details.{detail.question}",
                _("Shorten the answer to 5,000 characters, or attach it as a file."),
            )
    if len(beside) <= longest < whole:
        yield (
            "description",
            _("Shorten the description, or attach it as a file: with the answers it is too long."),
        )


def whole_description(
    description: str, details: Iterable[Detail], questions: Mapping[str, str]
) -> str:
    """The description as the case keeps it: what was written, then each answer under its question,
    in the order of `questions` (id → words). Answers to questions that are asked no more are left
    out."""
    answers = {detail.question: detail.answer for detail in details}
    parts = [f"{words}:\n{answers[one]}" for one, words in questions.items() if one in answers]
    return "\n\n".join([description, *parts])
