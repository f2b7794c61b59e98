"""What a support request is made of, and what is wrong with it (S6).

Pure: plain values in, findings out. The shape is that of the API's opening body; a draft's answers
have it too, with whatever was typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from opora.accounts.places import country_codes, is_zone
from opora.cases.details import Detail, details_of, problems_with_details
from opora.cases.errors import PhoneRequired, RoundTheClockNeedsCritical
from opora.cases.texts import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    Problems,
    block,
    has_control_characters,
    key_of,
    one_line,
    person_problems,
    plain,
    problem_with_phone,
    problem_with_text,
)
from opora.core.errors import InvalidInput
from opora.core.wording import LANGUAGES

MOST_CONTACTS = 50
SEVERITIES = ("A", "B", "C")
CHANNELS = ("email", "phone")


@dataclass(frozen=True)
class AdditionalContact:
    given_name: str = ""
    family_name: str = ""
    email: str = ""


@dataclass(frozen=True)
class PrimaryContact:
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    phone: str = ""
    preferred_contact: str = "email"
    language: str = "en"


@dataclass(frozen=True)
class CaseRequest:
    """A support request as somebody wants it; `contract` and `attachments` are public ids (hex).
    `details` become part of the description of the case."""

    product: str = ""
    version: str = ""
    title: str = ""
    description: str = ""
    contract: str = ""
    severity: str = "B"
    round_the_clock: bool = False
    country: str = ""
    time_zone: str = ""
    primary_contact: PrimaryContact = field(default_factory=PrimaryContact)
    additional_contacts: tuple[AdditionalContact, ...] = ()
    attachments: tuple[str, ...] = ()
    problem: str = ""  # empty: none of these
    non_production: bool = False
    details: tuple[Detail, ...] = ()
    group: str = ""  # public id of a group that the submitter is in; empty: shared with none

    @classmethod
    def of(cls, answers: Mapping[str, Any]) -> CaseRequest:
        """The request that a draft's answers spell; what is missing or of another type is empty."""
        primary = _mapping(answers.get("primary_contact"))
        others = answers.get("additional_contacts")
        return cls(
            **{name: _text(answers.get(name)) for name in _TEXTS},
            severity=_text(answers.get("severity")) or "B",
            round_the_clock=answers.get("round_the_clock") is True,
            non_production=answers.get("non_production") is True,
            primary_contact=PrimaryContact(
                **{name: _text(primary.get(name)) for name in _PERSON},
                phone=_text(primary.get("phone")),
                preferred_contact=_text(primary.get("preferred_contact")) or "email",
                language=_text(primary.get("language")) or "en",
            ),
            additional_contacts=tuple(
                AdditionalContact(**{name: _text(_mapping(other).get(name)) for name in _PERSON})
                for other in (others if isinstance(others, list) else [])
            ),
            attachments=tuple(_text(a) for a in _items(answers.get("attachments"))),
            details=details_of(_mapping(answers.get("details"))),
        )


_TEXTS = (
    "product",
    "version",
    "title",
    "description",
    "contract",
    "country",
    "time_zone",
    "problem",
    "group",
)
_PERSON = ("given_name", "family_name", "email")


# --- Tidying and checking ------------------------------------------------------------------------


def tidy(wanted: CaseRequest) -> CaseRequest:
    """The same request without stray spaces and characters that no database keeps."""
    texts: dict[str, Any] = {name: plain(getattr(wanted, name)).strip() for name in _TEXTS}
    texts |= {
        "title": one_line(wanted.title),
        "description": block(wanted.description),
        "country": texts["country"].upper(),
    }
    return replace(
        wanted,
        **texts,
        primary_contact=replace(
            wanted.primary_contact,
            **_tidy_person(wanted.primary_contact),
            phone=one_line(wanted.primary_contact.phone),
        ),
        additional_contacts=tuple(
            AdditionalContact(**_tidy_person(other)) for other in wanted.additional_contacts
        ),
        attachments=tuple(dict.fromkeys(plain(a).strip() for a in wanted.attachments)),
        details=tuple(
            Detail(one.question, answer) for one in wanted.details if (answer := block(one.answer))
        ),
    )


def check(wanted: CaseRequest) -> None:
    """Raise what is wrong with a tidied request: all fields at once, then what they say together.

    InvalidInput, RoundTheClockNeedsCritical or PhoneRequired, in this order.
    """
    if problems := problems_in(wanted):
        raise InvalidInput(errors=as_errors(problems))
    if wanted.round_the_clock and wanted.severity != "A":
        raise RoundTheClockNeedsCritical
    if needs_phone(wanted) and not wanted.primary_contact.phone:
        raise PhoneRequired


def needs_phone(wanted: CaseRequest) -> bool:
    """24/7 asks for a phone number (S16.3), and so does the wish to be called."""
    return wanted.round_the_clock or wanted.primary_contact.preferred_contact == "phone"


def problems_in(wanted: CaseRequest) -> Problems:
    """Each field of a tidied request that cannot be taken as it is, with what to do."""
    return dict(_findings(wanted))


def as_errors(problems: Problems) -> list[dict[str, str]]:
    """Problems in the shape of `InvalidInput.errors`."""
    return [{"field": name, "message": message} for name, message in problems.items()]


def _findings(wanted: CaseRequest) -> Iterator[tuple[str, str]]:
    if not wanted.product:
        yield "product", _("Choose a product.")
    if not wanted.version:
        yield "version", _("Choose a version.")
    if not wanted.title:
        yield "title", _("Say in one line what is wrong.")
    elif len(wanted.title) > LONGEST_TITLE:
        yield "title", _("Shorten the title to 200 characters.")
    elif has_control_characters(wanted.title):
        yield "title", _("Write the title without control characters.")
    if message := problem_with_text(wanted.description):
        yield "description", message
    yield from problems_with_details(
        wanted.details, beside=wanted.description, longest=LONGEST_TEXT
    )
    if not wanted.contract:
        yield "contract", _("Choose a support contract.")
    if wanted.severity not in SEVERITIES:
        yield "severity", _("Choose severity A, B or C.")
    if wanted.country not in country_codes():
        yield "country", _("Choose a country.")
    if not is_zone(wanted.time_zone):
        yield "time_zone", _("Choose a time zone, such as Europe/Prague.")
    yield from _primary_findings(wanted.primary_contact)
    yield from _sharing_findings(wanted)


def _primary_findings(primary: PrimaryContact) -> Iterator[tuple[str, str]]:
    for name, message in person_problems(
        primary.given_name, primary.family_name, primary.email
    ).items():
        yield f"primary_contact.{name}", message
    if message := problem_with_phone(primary.phone):
        yield "primary_contact.phone", message
    if primary.preferred_contact not in CHANNELS:
        yield "primary_contact.preferred_contact", _("Choose e-mail or phone.")
    if primary.language not in LANGUAGES:
        yield "primary_contact.language", _("Choose Czech or English.")


def _sharing_findings(wanted: CaseRequest) -> Iterator[tuple[str, str]]:
    if len(wanted.additional_contacts) > MOST_CONTACTS:
        yield "additional_contacts", _("Name at most 50 additional contacts.")
    seen = {key_of(wanted.primary_contact.email)} - {""}
    for position, other in enumerate(wanted.additional_contacts):
        at = f"additional_contacts.{position}"
        problems = person_problems(other.given_name, other.family_name, other.email)
        key = key_of(other.email)
        if key in seen:
            problems["email"] = _("This person is on the request already.")
        seen.add(key)
        for name, message in problems.items():
            yield f"{at}.{name}", message


def _tidy_person(person: PrimaryContact | AdditionalContact) -> dict[str, str]:
    return {
        "given_name": one_line(person.given_name),
        "family_name": one_line(person.family_name),
        "email": plain(person.email).strip(),
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _items(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []
