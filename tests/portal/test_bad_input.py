"""Whatever is put into a field of the workflow: a sentence beside it in the reader's language, and
nothing of what was typed is lost (S6). Files: `test_bad_files.py`."""

from __future__ import annotations

import html
import re
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.utils import translation

from opora.accounts.models import Account
from opora.cases.models import Case, Draft
from opora.catalog.models import Question, Version
from opora.contracts.models import Contract
from tests import factories
from tests.portal.people import night_shift
from tests.portal.workflow_forms import fresh, plain, stands_beside, started, whole

MEGABYTE = "x" * 1_000_000
MARKUP = "<script>alert(1)</script>"
RIGHT_TO_LEFT = "\u202eשלום עולם"
EMOJI = "🧨💥 👩‍💻"
CONTROL = "a\x07b"
NOTHING = "  "
LONG = "š" * 300
HUGE = "y" * 2_100_000  # more than the server reads of a form

PRODUCT = "Choose a product."
VERSION = "Choose a version."
PROBLEM = "Choose a problem, or “None of these”."
TITLE = "Say in one line what is wrong."
TITLE_LONG = "Shorten the title to 200 characters."
TITLE_CONTROL = "Write the title without control characters."
TEXT = "Write what happened, what you expected, and what you have tried."
TEXT_LONG = "Shorten the text to 100,000 characters, or attach it as a file."
ANSWER_LONG = "Shorten the answer to 5,000 characters, or attach it as a file."
CONTRACT = "Choose a support contract."
USABLE = "Choose one of the support contracts that can be used."
SEVERITY = "Choose severity A, B or C."
COUNTRY = "Choose a country."
ZONE = "Choose a time zone, such as Europe/Prague."
NAME = "Enter the first name."
NAME_LONG = "Shorten the name to 100 characters."
NAME_CONTROL = "Write the name without control characters."
EMAIL = "Enter an e-mail address, such as name@example.com."
PHONE = "Enter a phone number, such as +420 601 123 456, or leave it empty."
CHANNEL = "Choose e-mail or phone."
LANGUAGE = "Choose Czech or English."
GROUP = "Choose one of your groups, or none."


class Row(NamedTuple):
    """One field and what stands beside it for each kind of input; None: it is taken as it is.
    `wrong`: of another type than the field's, with a sample; `others`: what is special to it."""

    step: str
    name: str
    empty: str | None = None
    long: str | None = None
    megabyte: str | None = None
    markup: str | None = None
    right_to_left: str | None = None
    emoji: str | None = None
    wrong: tuple[str, str | None] = ("7", None)
    others: tuple[tuple[str, str | None], ...] = ()
    is_blank_nothing: bool = True

    def inputs(self) -> list[tuple[str, str | None]]:
        return [
            (NOTHING, self.empty if self.is_blank_nothing else self.wrong[1]),
            ("", self.empty),
            (LONG, self.long),
            (MEGABYTE, self.megabyte),
            (MARKUP, self.markup),
            (RIGHT_TO_LEFT, self.right_to_left),
            (EMOJI, self.emoji),
            self.wrong,
            *self.others,
        ]


def chosen(step: str, name: str, said: str | None, *others: tuple[str, str | None]) -> Row:
    """A field whose every other input gets the same sentence."""
    return Row(step, name, said, said, said, said, said, said, ("7", said), others)


def with_default(row: Row) -> Row:
    """Nothing chosen is a choice of its own; a blank is none."""
    return row._replace(empty=None, is_blank_nothing=False)


def person(step: str, prefix: str) -> list[Row]:
    return [
        Row(
            step,
            f"{prefix}.given_name",
            NAME,
            NAME_LONG,
            NAME_LONG,
            others=((CONTROL, NAME_CONTROL),),
        ),
        Row(
            step,
            f"{prefix}.family_name",
            None,
            NAME_LONG,
            NAME_LONG,
            others=((CONTROL, NAME_CONTROL),),
        ),
        chosen(step, f"{prefix}.email", EMAIL, ("a@b@c", EMAIL), ("a@", EMAIL)),
    ]


TABLE = [
    chosen("problem", "product", PRODUCT),
    chosen("problem", "version", VERSION),
    with_default(chosen("problem", "problem", PROBLEM)),  # none of these
    chosen("problem", "non_production", None),  # whatever is no "true" is a system in production
    Row("problem", "title", TITLE, TITLE_LONG, TITLE_LONG, others=((CONTROL, TITLE_CONTROL),)),
    Row("problem", "description", TEXT, None, TEXT_LONG, others=((CONTROL, None),)),
    Row("problem", "details.began", None, None, ANSWER_LONG, others=((CONTROL, None),)),
    chosen("support", "contract", USABLE)._replace(empty=CONTRACT),
    with_default(chosen("support", "severity", SEVERITY, ("D", SEVERITY))),  # B
    chosen("support", "round_the_clock", None),  # whatever is no "true" is business hours
    chosen("support", "country", COUNTRY, ("XX", COUNTRY)),
    chosen("support", "time_zone", ZONE, ("Europe", ZONE), ("../../etc/passwd", ZONE)),
    *person("primary_contact", "primary_contact"),
    chosen("primary_contact", "primary_contact.phone", PHONE, ("call me", PHONE))._replace(
        empty=None
    ),
    with_default(chosen("primary_contact", "primary_contact.preferred_contact", CHANNEL)),
    with_default(chosen("primary_contact", "primary_contact.language", LANGUAGE)),
    *person("sharing", "additional_contacts.0"),
    chosen("sharing", "add_me", None),
    with_default(chosen("sharing", "group", GROUP)),
]
# What a page carries beside these: tested below, in test_bad_files.py, or no fields at all.
NO_ROWS = {"csrfmiddlewaretoken", "sections", "do", "attachments", "access_id", "contract_id"}
CHOICES = {
    "product",
    "version",
    "problem",
    "non_production",
    "contract",
    "severity",
    "round_the_clock",
    "country",
    "time_zone",
    "primary_contact.preferred_contact",
    "primary_contact.language",
    "add_me",
    "group",
}
BOB = {
    "additional_contacts.0.given_name": "Bob",
    "additional_contacts.0.family_name": "Bell",
    "additional_contacts.0.email": "bob@example.com",
}


@pytest.fixture
def version(db: None) -> Version:
    Question.objects.create(slug="began", names={"en": "When it began"}, is_general=True)
    return factories.version()


@pytest.mark.parametrize("language", ["en", "cs"])
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
@pytest.mark.shows("S6.1", "S6.2", "S6.5", "S6.6", "XS-01")
def test_each_field_of_each_step_says_what_to_do_and_loses_nothing(
    alices: Client, version: Version, contract: Contract, language: str, row: Row
) -> None:
    alices.cookies["language"] = language
    address = started(alices)
    filled = whole(version, contract) | BOB | {"details.began": "On Sunday"}
    for typed, sentence in row.inputs():
        posted = filled | {row.name: typed}
        answer = alices.post(address, posted | {"do": f"next:{row.step}", "sections": row.step})
        told = f"{row.name}: {typed[:20]!r}"
        assert Case.objects.count() == 0
        kept = fields_of(Draft.objects.get().answers)
        expected = {name: text for name, text in posted.items() if name not in (*CHOICES, "do")}
        expected = {name: text for name, text in expected.items() if text or name in kept}
        assert {name: kept.get(name) for name in expected} == expected, told
        if sentence is None:
            assert answer.status_code == 302, told
            continue
        assert answer.status_code == 422, told
        page = answer.content.decode()
        stands_beside(page, row.name, sentence, language)
        assert MARKUP not in page
        if row.name not in CHOICES and typed.strip():
            shown = html.escape(typed).replace("&#x27;", "&#39;")
            assert shown in page, f"{told} is not on the page any more"


def fields_of(answers: dict[str, Any]) -> dict[str, str]:
    """A draft's answers by the names of the form's fields."""
    flat = {name: text for name, text in answers.items() if isinstance(text, str)}
    for part in ("primary_contact", "details"):
        flat |= {f"{part}.{name}": text for name, text in answers[part].items()}
    for number, other in enumerate(answers["additional_contacts"]):
        flat |= {f"additional_contacts.{number}.{name}": text for name, text in other.items()}
    return flat


def test_no_field_of_the_six_steps_is_missing_from_the_table(
    alice: Account, alices: Client, version: Version, contract: Contract
) -> None:
    night_shift(alice)
    address = started(alices)
    rows = whole(version, contract) | BOB
    rows["primary_contact.email"] = "carol@example.com"  # so that Alice may add herself
    found = set()
    for step in ("problem", "support", "primary_contact", "sharing", "verify"):
        alices.post(address, rows | {"do": f"next:{step}", "sections": step})
    for step in ("problem", "support", "primary_contact", "sharing", "verify", "submit"):
        page = alices.get(address, {"step": step}).content.decode()
        assert f'value="{step}"' in page or step == "submit"
        form = page.split('<form id="workflow"', 1)[1].split("</form>", 1)[0]
        found |= set(re.findall(r'<(?:input|select|textarea|button)[^>]* name="([^"]+)"', form))
    assert found - NO_ROWS == {row.name for row in TABLE}


@pytest.mark.parametrize("language", ["en", "cs"])
@pytest.mark.shows("S6.1", "IN-04")
def test_more_than_the_server_reads_says_so_and_the_draft_stays_as_it_was_saved(
    alices: Client, version: Version, contract: Contract, language: str
) -> None:
    """With script the field says so first and nothing is sent: journeys, `test_step_one.py`."""
    alices.cookies["language"] = language
    address = started(alices)
    alices.post(address, whole(version, contract) | {"do": "save", "sections": "problem"})
    before = Draft.objects.get().answers
    answer = alices.post(
        address, whole(version, contract, title="Another", description=HUGE, do="next:problem")
    )
    assert answer.status_code == 413
    page = plain(answer.content.decode())
    words = {
        "en": ("At most 2 MB of text and 20 files go into one form.", "as it was last saved"),
        "cs": (
            "Do jednoho formuláře se vejde nejvýše 2 MB textu a 20 souborů.",
            "naposledy uložena",
        ),
    }
    for some in words[language]:
        assert some in page
    assert Draft.objects.get().answers == before
    assert alices.post(f"{address}fields/", {"description": HUGE}).status_code == 413
    assert Draft.objects.get().answers == before
    again = alices.get(address).content.decode()
    assert "Backups stop" in again


@pytest.mark.parametrize(
    ("field", "most", "step"),
    [
        ("title", 200, "problem"),
        ("description", 100_000, "problem"),
        ("details.began", 5_000, "problem"),
        ("primary_contact.given_name", 100, "primary_contact"),
        ("additional_contacts.0.family_name", 100, "sharing"),
    ],
)
@pytest.mark.shows("S6.1")
def test_a_field_tells_script_how_much_it_takes_and_cuts_nothing_itself(
    alices: Client, version: Version, contract: Contract, field: str, most: int, step: str
) -> None:
    address = fresh(alices)
    for passed in ("problem", "support", "primary_contact"):
        alices.post(address, whole(version, contract, do=f"next:{passed}"))
    page = alices.get(address, {"step": step}).content.decode()
    tag = re.search(rf'<(?:input|textarea)[^>]* name="{re.escape(field)}"[^>]*>', page)
    assert tag
    assert f'data-most="{most}" data-too-long="Shorten the' in tag[0]
    assert "maxlength" not in tag[0]


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
