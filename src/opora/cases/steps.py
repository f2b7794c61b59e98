"""The six steps that ask for a support request (S6), and how far a draft has come. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

from opora.cases.errors import PhoneRequired, RoundTheClockNeedsCritical
from opora.cases.intake import CaseRequest, needs_phone, problems_in, tidy
from opora.cases.texts import Problems

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True)
class Step:
    """One of the six sections of the workflow. `fields` are those it asks for; a change of one in
    `depends_on` means that what was answered here has to be looked at again."""

    name: str
    title: StrPromise
    fields: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()

    def problems(self, answers: Mapping[str, Any]) -> Problems:
        """What is wrong with this step's fields, and with what they say together."""
        return {
            name: message
            for name, message in problems_of_draft(answers).items()
            if name.split(".")[0] in self.fields
        }

    def is_done(self, answers: Mapping[str, Any], confirmed: Iterable[str]) -> bool:
        """Passed with Next, and still right."""
        return self.name in confirmed and not self.problems(answers)


_ABOUT_PROBLEM = (
    "product",
    "version",
    "non_production",
    "problem",
    "title",
    "description",
    "details",
    "attachments",
)
_ABOUT_SUPPORT = ("contract", "severity", "round_the_clock", "country", "time_zone")
_ABOUT_SHARING = ("additional_contacts", "group")

STEPS = (
    Step("problem", gettext_lazy("Tell us about the problem you have"), _ABOUT_PROBLEM),
    Step(
        "support",
        gettext_lazy("Tell us about the type of support you need"),
        _ABOUT_SUPPORT,
        depends_on=("product", "version", "non_production"),
    ),
    Step(
        "primary_contact",
        gettext_lazy("Enter the primary contact’s details"),
        ("primary_contact",),
        depends_on=("round_the_clock",),
    ),
    Step("sharing", gettext_lazy("Share this support request"), _ABOUT_SHARING),
    Step(
        "verify",
        gettext_lazy("Verify the information"),
        depends_on=(*_ABOUT_PROBLEM, *_ABOUT_SUPPORT, "primary_contact", *_ABOUT_SHARING),
    ),
    Step("submit", gettext_lazy("Submit the request")),
)


def problems_of_draft(answers: Mapping[str, Any]) -> Problems:
    """What is wrong with a draft, by field, with what two fields say together at one of them."""
    wanted = tidy(CaseRequest.of(answers))
    problems = problems_in(wanted)
    if wanted.round_the_clock and wanted.severity != "A":
        problems.setdefault("round_the_clock", str(RoundTheClockNeedsCritical.sentence))
    if needs_phone(wanted) and not wanted.primary_contact.phone:
        problems.setdefault("primary_contact.phone", str(PhoneRequired.sentence))
    return problems


def furthest(answers: Mapping[str, Any], confirmed: Iterable[str]) -> Step:
    """The first step still open; nobody may jump past it."""
    passed = set(confirmed)
    return next((s for s in STEPS[:-1] if not s.is_done(answers, passed)), STEPS[-1])


def still_confirmed(
    before: Mapping[str, Any], after: Mapping[str, Any], confirmed: Iterable[str]
) -> list[str]:
    """The confirmed steps that a change of answers leaves confirmed, in the order of STEPS."""
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    passed = set(confirmed)
    return [s.name for s in STEPS if s.name in passed and not changed.intersection(s.depends_on)]
