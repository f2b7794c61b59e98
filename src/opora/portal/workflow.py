"""A draft between the form and the domain: what was posted becomes answers, answers become six
sections of one page.

Answers have the shape of the API's opening body with whatever was typed, under `cases.intake`;
four more keys are the page's own: `passed` (steps ever passed), `changed` (by step, what it depends
on that was changed since), `without_me` and `here` (the product that goes on here although it has a
portal of its own).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.cases.actions.drafts import first_answers
from opora.cases.steps import STEPS, problems_of_draft
from opora.cases.texts import key_of
from opora.core.errors import Refusal

Answers = dict[str, Any]

PLAIN = ("product", "version", "problem", "title", "description", "contract", "severity", "group")
PLACE = ("country", "time_zone")
PRIMARY = ("given_name", "family_name", "email", "phone", "preferred_contact", "language")
PERSON = ("given_name", "family_name", "email")
ROW = re.compile(r"^additional_contacts\.(\d{1,3})\.(given_name|family_name|email)$")
DETAIL = re.compile(r"^details\.([a-z0-9-]{1,100})$")
MOST_DETAILS = 40
NOTED = ("support", "primary_contact")  # steps whose own answers may not fit any more
STEP_NAMES = tuple(step.name for step in STEPS)


def with_defaults(answers: Mapping[str, Any], account: Account) -> Answers:
    """The answers over what a new draft of the account starts with."""
    first = first_answers(account)
    whole = first | dict(answers)
    whole["primary_contact"] = first["primary_contact"] | dict(answers.get("primary_contact") or {})
    return whole


def merged(answers: Answers, posted: QueryDict, account: Account) -> Answers:
    """The answers with every field that was posted. A section that stands in `sections` was on the
    page whole: its boxes that are missing were not ticked."""
    after = dict(answers)
    for name in (*PLAIN, *PLACE):
        if name in posted:
            after[name] = posted[name]
    sections = posted.getlist("sections")
    if "non_production" in posted:
        after["non_production"] = posted["non_production"] == "true"
    if "round_the_clock" in posted or "support" in sections:
        after["round_the_clock"] = posted.get("round_the_clock") == "true"
    if after.get("severity") != "A":
        after["round_the_clock"] = False
    after["primary_contact"] = dict(after["primary_contact"]) | {
        name: posted[f"primary_contact.{name}"]
        for name in PRIMARY
        if f"primary_contact.{name}" in posted
    }
    after["details"] = _details(after.get("details") or {}, posted)
    if "sharing" in sections or any(ROW.match(name) for name in posted):
        after["additional_contacts"] = _people(posted)
    if "sharing" in sections:
        after = _with_or_without_me(after, account, posted)
    if changed := noted(answers, after):
        after["changed"] = changed
    return after


def noted(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    """By step: the answers it depends on that were changed since it was passed; with those that
    `before` had noted already."""
    passed = after.get("passed", ())
    changed = {name: list(names) for name, names in (after.get("changed") or {}).items()}
    for step in STEPS:
        if step.name in NOTED and step.name in passed:
            names = [name for name in step.depends_on if before.get(name) != after.get(name)]
            if names:
                changed[step.name] = sorted({*changed.get(step.name, ()), *names})
    return changed


def _details(kept: dict[str, str], posted: QueryDict) -> dict[str, str]:
    """The answers beside the description: what is emptied is gone, and the first forty are kept."""
    whole = dict(kept)
    for name in posted:
        if found := DETAIL.match(name):
            whole[found[1]] = posted.get(name) or ""
    return dict([(one, text) for one, text in whole.items() if text][:MOST_DETAILS])


def _people(posted: QueryDict) -> list[dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for name in posted:
        if found := ROW.match(name):
            rows.setdefault(int(found[1]), {})[found[2]] = posted.get(name) or ""
    people = [
        {name: row.get(name, "") for name in PERSON} for _position, row in sorted(rows.items())
    ]
    return [person for person in people if any(value.strip() for value in person.values())]


def _with_or_without_me(answers: Answers, account: Account, posted: QueryDict) -> Answers:
    if is_on(answers, account):
        return answers | {"without_me": False}
    if posted.get("add_me") != "true":
        return answers | {"without_me": True}
    me = {name: first_answers(account)["primary_contact"][name] for name in PERSON}
    return answers | {
        "without_me": False,
        "additional_contacts": [*answers["additional_contacts"], me],
    }


def is_on(answers: Mapping[str, Any], account: Account) -> bool:
    """Whether the account's own address is among the contacts (S6.7)."""
    people = [answers["primary_contact"], *answers["additional_contacts"]]
    return account.email_key in {key_of(person.get("email", "")) for person in people}


@dataclass(frozen=True)
class Section:
    """One step as the page shows it. `state`: open, done, check (passed before, to look at again),
    later. `summary`: what was answered, as (words, value). `why`: what was changed since it was
    passed, and what follows, as sentences."""

    number: int
    name: str
    title: str
    state: str
    summary: list[tuple[str, str]] = field(default_factory=list)
    why: list[str] = field(default_factory=list)


def sections(
    *,
    open_step: str,
    answers: Answers,
    confirmed: Iterable[str],
    summaries: Mapping[str, list[tuple[str, str]]],
    wrong: Iterable[str] = (),
    why: Mapping[str, list[str]],
) -> list[Section]:
    """The six sections. `wrong`: steps that cannot stand although their fields can (a contract that
    is not usable any more)."""
    passed = set(answers.get("passed", ()))
    confirmed = set(confirmed)
    problems = problems_of_draft(answers)
    faulty = {name.split(".")[0] for name in problems}
    shown = []
    for number, step in enumerate(STEPS, 1):
        is_right = not faulty.intersection(step.fields) and step.name not in set(wrong)
        if step.name == open_step:
            state = "open"
        elif step.name in confirmed and is_right:
            state = "done"
        else:
            state = "check" if step.name in passed else "later"
        shown.append(
            Section(
                number=number,
                name=step.name,
                title=str(step.title),
                state=state,
                summary=summaries.get(step.name, []),
                why=why.get(step.name, []) if state in ("open", "check") else [],
            )
        )
    return shown


def field_of(refusal: Refusal) -> str:
    """The field of the form that a refusal of submitting is about."""
    return {
        "phone-required": "primary_contact.phone",
        "round-the-clock-needs-critical": "round_the_clock",
        "supported-elsewhere": "product",
    }.get(refusal.code, "contract")


def first_step_with(problems: Mapping[str, str]) -> str:
    """The first step that has one of the fields with a problem."""
    names = {name.split(".")[0] for name in problems}
    return next((s.name for s in STEPS if names.intersection(s.fields)), "verify")


def reachable(wanted: str, furthest: str) -> str:
    """Nobody jumps past the first step that is still open."""
    if wanted in STEP_NAMES and STEP_NAMES.index(wanted) <= STEP_NAMES.index(furthest):
        return wanted
    return furthest


def field_id(name: str) -> str:
    """The id of the field that a problem belongs to."""
    # `id_contract` is the choice of a plan, so the number typed to add one has an id of its own.
    return "id_contract_number" if name == "contract_id" else "id_" + name.replace(".", "_")


def person_words(person: Mapping[str, str]) -> str:
    """`Jan Malý, jan@example.com`."""
    name = f"{person.get('given_name', '')} {person.get('family_name', '')}".strip()
    return ", ".join(part for part in (name, person.get("email", "")) if part)


def severity_words(severity: str) -> str:
    return {
        "A": _("A – critical business impact"),
        "B": _("B – moderate business impact"),
        "C": _("C – minimal business impact"),
    }.get(severity, severity)
