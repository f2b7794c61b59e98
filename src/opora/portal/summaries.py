"""What was answered in each step of a draft, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from opora.accounts.places import country_codes
from opora.catalog.queries import (
    NONE_OF_THESE,
    problems_of,
)
from opora.core.wording import in_language
from opora.portal import workflow
from opora.portal.draft_facts import DraftPage, Subject
from opora.web import formats


def summaries_of(page: DraftPage) -> dict[str, list[tuple[str, str]]]:
    """By step: what was asked, and what was answered."""
    answers = page.answers
    return {
        "problem": _problem_summary(page),
        "support": _support_summary(page),
        "primary_contact": _primary_summary(answers["primary_contact"]),
        "sharing": [
            (
                _("Additional contacts"),
                "\n".join(workflow.person_words(one) for one in answers["additional_contacts"])
                or _("Nobody else"),
            ),
            (
                _("Group"),
                _("%(name)s: everybody in it reads the request") % {"name": page.group.name}
                if page.group
                else "",
            ),
        ],
    }


def _problem_summary(page: DraftPage) -> list[tuple[str, str]]:
    answers, subject = page.answers, page.subject
    chosen = answers.get("problem", "")
    known = "" if chosen in ("", NONE_OF_THESE) else _problem_name(subject, chosen)
    return [
        (_("Product"), subject.product.name if subject.product else ""),
        (_("Version"), subject.version.name if subject.version else ""),
        (
            _("Environment"),
            _("Not in production") if answers["non_production"] else _("In production"),
        ),
        (_("Problem"), known or _("None of these")),
        (_("Title"), answers.get("title", "")),
        (_("Description"), answers.get("description", "")),
        *_details_summary(page),
        (_("Attachments"), "\n".join(one.name for one in page.files) or _("None")),
    ]


def _details_summary(page: DraftPage) -> list[tuple[str, str]]:
    """What was answered beside the description, where the page has the questions."""
    if page.open_step != "verify":
        return []
    details = page.answers.get("details", {})
    return [(one.name, details[one.id]) for one in page.questions if one.id in details]


def _problem_name(subject: Subject, slug: str) -> str:
    choices = subject.problems or (problems_of(subject.product) if subject.product else [])
    return next((choice.name for choice in choices if choice.id == slug), "")


def _support_summary(page: DraftPage) -> list[tuple[str, str]]:
    answers, contract = page.answers, page.contract
    plan = ""
    if contract is not None:
        plan = _("%(plan)s, contract %(contract)s") % {
            "plan": in_language(contract.plan_version.plan.names),
            "contract": formats.contract_id(contract.contract_id),
        }
    severity = workflow.severity_words(answers.get("severity", ""))
    if answers.get("round_the_clock"):
        severity = _("%(severity)s, around the clock") % {"severity": severity}
    country, zone = answers.get("country", ""), answers.get("time_zone", "")
    place = formats.country(country) if country in country_codes() else country
    return [
        (_("Support plan"), plan),
        (_("Severity"), severity),
        (_("Country and time zone"), ", ".join(part for part in (place, zone) if part)),
    ]


def _primary_summary(primary: Mapping[str, str]) -> list[tuple[str, str]]:
    by_phone = primary.get("preferred_contact") == "phone"
    spoken = {"cs": _("Czech"), "en": _("English")}.get(primary.get("language", ""), "")
    return [
        (_("Name"), f"{primary.get('given_name', '')} {primary.get('family_name', '')}".strip()),
        (_("E-mail"), primary.get("email", "")),
        (_("Phone"), primary.get("phone", "")),
        (_("Preferred contact"), _("By phone") if by_phone else _("By e-mail")),
        (_("Language"), spoken),
    ]
