"""Whatever is typed into a field of the workflow: a sentence beside it, and nothing lost (S6)."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.utils import translation

from opora.accounts.models import Account
from opora.cases.models import Case, Draft
from opora.catalog.models import Question, Version
from opora.contracts.models import Contract
from opora.portal.workflow import field_id
from tests import factories
from tests.portal.workflow_forms import started, whole

MEGABYTE = "x" * 1_000_000
MARKUP = "<script>alert(1)</script>"
RIGHT_TO_LEFT = "\u202eשלום עולם"
EMOJI = "🧨💥 👩‍💻"
CONTROL = "a\x07b"
NOTHING = "  "
LONG = "š" * 300

TITLE = "Say in one line what is wrong."
TITLE_LONG = "Shorten the title to 200 characters."
NAME = "Enter the first name."
NAME_LONG = "Shorten the name to 100 characters."
NAME_CONTROL = "Write the name without control characters."
EMAIL = "Enter an e-mail address, such as name@example.com."
PHONE = "Enter a phone number, such as +420 601 123 456, or leave it empty."
ZONE = "Choose a time zone, such as Europe/Prague."
USABLE = "Choose one of the support contracts that can be used."

# (step, field, {what is typed: the sentence, or None where it is taken as it is})
TABLE: list[tuple[str, str, dict[str, str | None]]] = [
    ("problem", "product", dict.fromkeys((MARKUP, EMOJI, MEGABYTE, "7"), "Choose a product.")),
    ("problem", "product", {NOTHING: "Choose a product."}),
    ("problem", "version", dict.fromkeys((MARKUP, EMOJI, MEGABYTE, ""), "Choose a version.")),
    (
        "problem",
        "problem",
        dict.fromkeys((MARKUP, MEGABYTE), "Choose a problem, or “None of these”.") | {"": None},
    ),
    (
        "problem",
        "title",
        {NOTHING: TITLE, MEGABYTE: TITLE_LONG, LONG: TITLE_LONG}
        | {CONTROL: "Write the title without control characters."}
        | dict.fromkeys((MARKUP, RIGHT_TO_LEFT, EMOJI)),
    ),
    (
        "problem",
        "description",
        {NOTHING: "Write what happened, what you expected, and what you have tried."}
        | {MEGABYTE: "Shorten the text to 100,000 characters, or attach it as a file."}
        | dict.fromkeys((MARKUP, RIGHT_TO_LEFT, EMOJI, CONTROL)),
    ),
    (
        "problem",
        "details.began",
        {MEGABYTE: "Shorten the answer to 5,000 characters, or attach it as a file."}
        | dict.fromkeys((NOTHING, MARKUP, RIGHT_TO_LEFT, EMOJI, CONTROL)),
    ),
    ("problem", "non_production", dict.fromkeys((MARKUP, MEGABYTE, ""))),
    ("support", "contract", {"": "Choose a support contract."}),
    ("support", "contract", dict.fromkeys((MARKUP, EMOJI, MEGABYTE, "1"), USABLE)),
    (
        "support",
        "severity",
        dict.fromkeys((MARKUP, EMOJI, MEGABYTE, "D"), "Choose severity A, B or C."),
    ),
    ("support", "round_the_clock", dict.fromkeys((MARKUP, MEGABYTE))),
    ("support", "country", dict.fromkeys((MARKUP, MEGABYTE, "", "XX"), "Choose a country.")),
    (
        "support",
        "time_zone",
        dict.fromkeys((MARKUP, MEGABYTE, "", "Europe", "../../etc/passwd"), ZONE),
    ),
    (
        "primary_contact",
        "primary_contact.given_name",
        {NOTHING: NAME, MEGABYTE: NAME_LONG, LONG: NAME_LONG, CONTROL: NAME_CONTROL}
        | dict.fromkeys((MARKUP, RIGHT_TO_LEFT, EMOJI)),
    ),
    (
        "primary_contact",
        "primary_contact.family_name",
        {MEGABYTE: NAME_LONG, CONTROL: NAME_CONTROL} | dict.fromkeys((NOTHING, RIGHT_TO_LEFT)),
    ),
    (
        "primary_contact",
        "primary_contact.email",
        dict.fromkeys((NOTHING, MARKUP, RIGHT_TO_LEFT, EMOJI, MEGABYTE, "a@b@c", "a@"), EMAIL),
    ),
    (
        "primary_contact",
        "primary_contact.phone",
        dict.fromkeys((MARKUP, EMOJI, MEGABYTE, "call me"), PHONE) | {"": None},
    ),
    (
        "primary_contact",
        "primary_contact.preferred_contact",
        dict.fromkeys((MARKUP, EMOJI, MEGABYTE, "pigeon"), "Choose e-mail or phone."),
    ),
    (
        "primary_contact",
        "primary_contact.language",
        dict.fromkeys((MARKUP, MEGABYTE, "de"), "Choose Czech or English."),
    ),
    (
        "sharing",
        "additional_contacts.0.given_name",
        {MEGABYTE: NAME_LONG, CONTROL: NAME_CONTROL, NOTHING: NAME}
        | dict.fromkeys((MARKUP, RIGHT_TO_LEFT, EMOJI)),
    ),
    ("sharing", "additional_contacts.0.family_name", {MEGABYTE: NAME_LONG, RIGHT_TO_LEFT: None}),
    (
        "sharing",
        "additional_contacts.0.email",
        dict.fromkeys((MARKUP, RIGHT_TO_LEFT, EMOJI, MEGABYTE, "bob"), EMAIL),
    ),
]
CASES = [
    pytest.param(step, name, typed, sentence, id=f"{name}-{typed[:12].strip() or 'nothing'!r}")
    for step, name, values in TABLE
    for typed, sentence in values.items()
]
SELECTS = {"product", "version", "problem", "country", "time_zone", "primary_contact.language"}
CHOICES = SELECTS | {
    "contract",
    "severity",
    "primary_contact.preferred_contact",
    "non_production",
    "round_the_clock",
}


@pytest.fixture
def version(db: None) -> Version:
    Question.objects.create(slug="began", names={"en": "When it began"}, is_general=True)
    return factories.version()


@pytest.fixture
def contract(alice: Account) -> Contract:
    return factories.contract(registered_to=(alice,))


@pytest.mark.parametrize("language", ["en", "cs"])
@pytest.mark.parametrize(("step", "name", "typed", "sentence"), CASES)
@pytest.mark.shows("S6.1", "S6.2", "S6.5", "S6.6", "XS-01")
def test_each_field_of_each_step_says_what_to_do_and_loses_nothing(
    alices: Client,
    version: Version,
    contract: Contract,
    language: str,
    step: str,
    name: str,
    typed: str,
    sentence: str | None,
) -> None:
    alices.cookies["language"] = language
    person = {
        "additional_contacts.0.given_name": "Bob",
        "additional_contacts.0.email": "bob@example.com",
    }
    filled = whole(version, contract) | person
    address = started(alices)
    answer = alices.post(address, filled | {name: typed, "do": f"next:{step}", "sections": step})
    kept = Draft.objects.get().answers
    assert Case.objects.count() == 0
    assert kept["title"] == (typed if name == "title" else "Backups stop")
    if sentence is None:
        assert answer.status_code == 302
        return
    page = answer.content.decode()
    assert answer.status_code == 422
    with translation.override(language):
        said = html.escape(translation.gettext(sentence), quote=False)
    assert language == "en" or said != sentence
    beside = re.search(rf'id="{re.escape(field_id(name))}-error">(.*?)</p>', page, re.DOTALL)
    assert beside, f"nothing stands beside {name}"
    assert plain(said) in plain(beside[1])
    assert f'href="#{field_id(name)}"' in page
    assert f'id="{field_id(name)}"' in page
    assert MARKUP not in page
    if name not in CHOICES and typed.strip():
        shown = html.escape(typed).replace("&#x27;", "&#39;")
        assert shown in page, "what was typed is not on the page any more"


def plain(text: str) -> str:
    return " ".join(html.unescape(text).split())


@pytest.mark.parametrize("language", ["en", "cs"])
def test_more_people_than_a_request_takes_are_said_at_the_top_of_the_step(
    alices: Client, version: Version, contract: Contract, language: str
) -> None:
    alices.cookies["language"] = language
    crowd = {f"additional_contacts.{n}.given_name": "P" for n in range(51)} | {
        f"additional_contacts.{n}.email": f"p{n}@example.com" for n in range(51)
    }
    answer = alices.post(
        started(alices),
        whole(version, contract) | crowd | {"do": "next:sharing", "sections": "sharing"},
    )
    with translation.override(language):
        said = translation.gettext("Name at most 50 additional contacts.")
    page = answer.content.decode()
    assert plain(said) in plain(page.split('id="id_additional_contacts-error"', 1)[1][:900])
    assert len(Draft.objects.get().answers["additional_contacts"]) == 51


@pytest.mark.parametrize("typed", [NOTHING, MARKUP, EMOJI, RIGHT_TO_LEFT, MEGABYTE])
def test_whatever_is_typed_as_the_two_ids_is_answered_beside_them_and_kept_nowhere(
    alices: Client, version: Version, contract: Contract, typed: str
) -> None:
    address = started(alices)
    ids = {"access_id": typed, "contract_id": typed}
    answer = alices.post(
        address, whole(version, contract) | ids | {"do": "add-contract", "sections": "support"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_access_id-error"' in page
    assert MARKUP not in page
    assert "access_id" not in str(Draft.objects.get().answers)


@pytest.mark.parametrize("typed", [MARKUP, EMOJI, RIGHT_TO_LEFT, "x" * 2000])
@pytest.mark.parametrize("name", ["severity", "country", "time_zone", "round_the_clock"])
def test_the_due_instant_of_nonsense_asks_for_a_choice(
    alices: Client, name: str, typed: str
) -> None:
    chosen = {"severity": "B", "country": "CZ", "time_zone": "Europe/Prague"} | {name: typed}
    answer = alices.get("/requests/new/due/", chosen)
    assert answer.status_code == 200
    asks = "Choose severity, country and time zone" in answer.content.decode()
    assert asks is (name != "round_the_clock")
