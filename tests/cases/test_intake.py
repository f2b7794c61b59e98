"""What is wrong with a request, and the six steps (S6): no database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opora.cases.intake import AdditionalContact, CaseRequest, PrimaryContact, problems_in, tidy
from opora.cases.steps import STEPS, furthest, problems_of_draft, still_confirmed

pytestmark = pytest.mark.rules

GOOD: dict[str, Any] = {
    "product": "database-server",
    "version": "database-server-2022",
    "title": "It stops",
    "description": "Each night.",
    "contract": "0" * 32,
    "severity": "B",
    "round_the_clock": False,
    "country": "CZ",
    "time_zone": "Europe/Prague",
    "primary_contact": {
        "given_name": "Alice",
        "family_name": "Ames",
        "email": "alice@example.com",
    },
    "additional_contacts": [],
}
ALL = [step.name for step in STEPS]


def test_a_good_request_has_no_problems() -> None:
    assert problems_in(tidy(CaseRequest.of(GOOD))) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "x" * 201),
        ("title", "bell \x07"),
        ("description", "x" * 100_001),
        ("severity", "D"),
        ("country", "EU"),
        ("time_zone", "CET/Prague"),
        ("contract", " "),
        ("product", ""),
    ],
)
def test_each_field_is_judged_by_itself(name: str, value: str) -> None:
    assert list(problems_in(tidy(CaseRequest.of(GOOD | {name: value})))) == [name]


def test_text_of_the_full_length_is_taken() -> None:
    wanted = CaseRequest.of(GOOD | {"title": "ž" * 200, "description": "ž" * 100_000})
    assert problems_in(tidy(wanted)) == {}


def test_tidying_mends_what_nobody_means() -> None:
    wanted = tidy(
        CaseRequest.of(
            GOOD
            | {"title": "  two\n lines ", "country": "cz"}
            | {"description": "\n \n  a\x00b\ud800\n"}
        )
    )
    assert (wanted.title, wanted.country, wanted.description) == ("two lines", "CZ", "  ab?")


@pytest.mark.shows("S8.3", "AU-16")
def test_people_are_judged_one_by_one() -> None:
    people = (
        AdditionalContact("Bob", "Burke", "bob@example.com"),
        AdditionalContact("Bob", "Again", "BOB@example.com"),
        AdditionalContact("", "Nobody", "no address"),
    )
    wanted = replace(CaseRequest.of(GOOD), additional_contacts=people)
    assert list(problems_in(tidy(wanted))) == [
        "additional_contacts.1.email",
        "additional_contacts.2.given_name",
        "additional_contacts.2.email",
    ]


def test_a_primary_contact_is_judged_by_field() -> None:
    primary = PrimaryContact("", "x" * 101, "x@", "12", "pigeon", "de")
    wanted = replace(CaseRequest.of(GOOD), primary_contact=primary)
    assert sorted(problems_in(tidy(wanted))) == [
        "primary_contact.email",
        "primary_contact.family_name",
        "primary_contact.given_name",
        "primary_contact.language",
        "primary_contact.phone",
        "primary_contact.preferred_contact",
    ]


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "odd"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
            max_leaves=5,
        ),
    )
)
def test_whatever_a_draft_holds_can_be_read(answers: dict[str, Any]) -> None:
    assert isinstance(problems_of_draft(answers), dict)
    assert furthest(answers, ALL) in STEPS


# --- Steps ---------------------------------------------------------------------------------------


@pytest.mark.shows("S6.1", "S6.2", "S6.5", "S6.6", "S6.8", "S6.9")
def test_the_steps_are_the_six_of_the_spec() -> None:
    assert ALL == ["problem", "support", "primary_contact", "sharing", "verify", "submit"]


def test_nobody_jumps_past_the_first_step_that_is_open() -> None:
    assert furthest({}, []).name == "problem"
    assert furthest(GOOD, ["problem"]).name == "support"
    assert furthest(GOOD, ["support", "verify"]).name == "problem"
    assert furthest(GOOD, ALL[:5]).name == "submit"
    assert furthest(GOOD | {"contract": ""}, ALL[:5]).name == "support"


@pytest.mark.shows("S6.3", "S16.3")
def test_what_two_fields_say_together_stands_at_one_of_them() -> None:
    both = GOOD | {"round_the_clock": True}
    assert list(problems_of_draft(both)) == ["round_the_clock", "primary_contact.phone"]
    assert list(problems_of_draft(both | {"severity": "A"})) == ["primary_contact.phone"]
    called = GOOD["primary_contact"] | {"phone": "+420 601 123 456"}
    assert problems_of_draft(both | {"severity": "A", "primary_contact": called}) == {}


def test_a_change_asks_for_another_look_at_what_depends_on_it() -> None:
    other_version = GOOD | {"version": "database-server-2019"}
    assert still_confirmed(GOOD, other_version, ALL[:5]) == [
        "problem",
        "primary_contact",
        "sharing",
    ]
    assert still_confirmed(GOOD, GOOD | {"title": "Else"}, ALL[:5]) == ALL[:4]
    assert still_confirmed(GOOD, GOOD, ["verify", "problem"]) == ["problem", "verify"]
