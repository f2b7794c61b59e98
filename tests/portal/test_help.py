"""Helping oneself: suggestions while a request is written, diagnoses, and the way on from each."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.cases.actions import take_case, write_message
from opora.cases.models import Case, Draft
from opora.contracts.models import Contract, IncidentEntry
from opora.core.models import AuditLine
from opora.knowledge.models import Feedback, SelfHelp
from tests import cast, factories
from tests.cast import signed_in
from tests.counting import statements, writes
from tests.factories import NOW

TITLE = "The print queue has stopped and nothing prints"


HOUR = timedelta(hours=1)


@pytest.fixture
def article(db: None) -> str:
    factories.article("filler-one", en=("Fonts look wrong", "Install them."), cs=None)
    factories.article("filler-two", en=("Mail is late", "Wait."), cs=None)
    factories.article("filler-three", en=("Disk is noisy", "Replace it."), cs=None)
    return factories.article("queue-stops").slug


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def a_draft(account: Account, **answers: Any) -> Draft:
    return factories.draft(account, **{"title": TITLE, "description": "Since Monday."} | answers)


# --- Suggestions ---------------------------------------------------------------------------------


@pytest.mark.shows("S1.1", "S6.1")
def test_articles_turn_up_while_the_problem_is_typed_and_nothing_is_written(
    alice: Account, alices: Client, article: str
) -> None:
    address = re.search(r'hx-post="([^"]+/suggestions/)"', text_of(alices.get("/requests/new/")))
    assert address
    with statements() as seen:
        answer = alices.post(address[1], {"title": TITLE, "description": ""})
    assert writes(seen) == []
    assert len(seen) <= 5, seen
    assert f"/help/articles/{article}/?draft=" in text_of(answer)
    assert "filler" not in text_of(answer)
    assert not Draft.objects.exists()


@pytest.mark.shows("S1.1")
def test_without_script_they_stand_on_the_page_after_saving_and_on_the_next_step(
    alice: Account, alices: Client, article: str
) -> None:
    version = factories.version()
    draft = a_draft(alice, product=version.product.slug, version=version.slug)
    address = f"/requests/new/{draft.public_id.hex}/"
    link = f"/help/articles/{article}/?draft={draft.public_id.hex}"
    alices.post(address, {"do": "save", "sections": "problem"})
    assert link in text_of(alices.get(address))
    passed = alices.post(address, {"do": "next:problem", "sections": "problem"})
    assert link in text_of(alices.get(passed["Location"]))


@pytest.mark.shows("P10")
def test_nothing_is_suggested_rather_than_something_wrong(alices: Client, article: str) -> None:
    address = f"/requests/new/{'ab' * 16}/suggestions/"
    for title in ("", "Hello", "We would like to order more coffee", "??"):
        answer = alices.post(address, {"title": title, "description": title})
        assert answer.status_code == 200
        assert "/help/articles/" not in text_of(answer)


@pytest.mark.shows("S1.1")
def test_any_length_and_any_characters_are_answered(alices: Client, article: str) -> None:
    address = f"/requests/new/{'ab' * 16}/suggestions/"
    for text in ("x " * 50_000, "\u202e\U0001f600" * 100, "' \" * ( ) : ^ NEAR AND OR NOT", "%s"):
        assert alices.post(address, {"title": text[:200], "description": text}).status_code == 200


@pytest.mark.shows("AC-08")
def test_earlier_requests_are_those_that_the_account_reads(alice: Account, alices: Client) -> None:
    bob = cast.bob()
    mine = factories.case(submitted_by=alice, title="Print queue stopped after the update")
    shared = factories.case(submitted_by=bob, others=(alice,), title="Print queue stopped again")
    canary = "Print queue stopped KANAREK"
    factories.case(submitted_by=bob, title=canary)
    told = text_of(
        alices.post(
            f"/requests/new/{'ab' * 16}/suggestions/",
            {"title": "The print queue has stopped", "description": ""},
        )
    )
    assert set(re.findall(r"/requests/(\d{16})/", told)) == {mine.number, shared.number}
    assert "KANAREK" not in told


@pytest.mark.shows("AC-08", "S6.1")
def test_an_earlier_request_is_found_by_what_was_written_on_it(
    alice: Account, alices: Client
) -> None:
    """Its description, or a later message; a note for agents never."""
    described = factories.case(
        submitted_by=alice, title="Trouble at the branch", description="The spooler hangs at night."
    )
    answered = factories.case(submitted_by=alice, title="Second floor", description="See picture.")
    noted = factories.case(submitted_by=alice, title="Third floor", description="See picture.")
    dana = cast.dana()
    for case in (answered, noted):
        take_case(case=case, by=dana, now=NOW)
    write_message(case=answered, body="Restart the spooler: it hangs.", by=dana, now=NOW)
    write_message(case=noted, body="The spooler hangs here.", by=dana, now=NOW, is_note=True)
    told = text_of(
        alices.post(
            f"/requests/new/{'ab' * 16}/suggestions/", {"title": "Spooler hangs", "description": ""}
        )
    )
    assert set(re.findall(r"/requests/(\d{16})/", told)) == {described.number, answered.number}


def test_of_earlier_requests_alike_those_about_the_chosen_product_come_first(
    alice: Account, alices: Client
) -> None:
    about = factories.version(product="print-server")
    own = factories.case(submitted_by=alice, of=about, title="Print queue stopped")
    others = [
        factories.case(submitted_by=alice, title="Print queue stopped", now=NOW + HOUR * number)
        for number in (1, 2)
    ]
    typed = {"title": "Print queue stopped", "description": ""}

    def first(**more: str) -> str:
        told = text_of(alices.post(f"/requests/new/{'ab' * 16}/suggestions/", typed | more))
        return str(re.findall(r"/requests/(\d{16})/", told)[0])

    assert first() == others[1].number
    assert first(product=about.product.slug) == own.number


def test_a_word_or_two_in_a_long_text_are_no_likeness(alice: Account, alices: Client) -> None:
    factories.case(
        submitted_by=alice, title="Mail", description="The spooler hangs, and so does mail."
    )
    told = text_of(
        alices.post(
            f"/requests/new/{'ab' * 16}/suggestions/",
            {"title": "Spooler hangs when invoices leave accounting quarterly", "description": ""},
        )
    )
    assert not re.findall(r"/requests/(\d{16})/", told)


@pytest.mark.shows("AC-15")
def test_what_is_for_agents_is_suggested_to_nobody_else(alices: Client, article: str) -> None:
    factories.article(
        "internal", audience="agents", en=("Print queue stopped: internal", "Text."), cs=None
    )
    told = text_of(
        alices.post(f"/requests/new/{'ab' * 16}/suggestions/", {"title": TITLE, "description": ""})
    )
    assert article in told
    assert "internal" not in told


# --- This solved it ------------------------------------------------------------------------------


@pytest.mark.shows("P10", "S1.1")
def test_solving_it_closes_the_draft_uses_no_incident_and_is_counted_once(
    alice: Account, alices: Client, article: str
) -> None:
    contract = factories.contract(registered_to=(alice,))
    draft = a_draft(alice, contract=contract.public_id.hex)
    address = f"/requests/new/{draft.public_id.hex}/solved/"
    page = text_of(alices.get(f"/help/articles/{article}/?draft={draft.public_id.hex}"))
    assert f'action="{address}"' in page
    entries = IncidentEntry.objects.count()
    for _pressed in range(2):
        answer = alices.post(address, {"article": article})
        assert answer["Location"] == address
    assert "No incident was used" in text_of(alices.get(address))
    assert not Draft.objects.exists()
    assert not Case.objects.exists()
    assert IncidentEntry.objects.count() == entries
    assert Contract.objects.get(pk=contract.pk).incidents_left == 5
    (counted,) = SelfHelp.objects.all()
    assert (counted.article.slug, counted.account) == (article, alice)
    assert AuditLine.objects.filter(code="draft.solved_by_article").count() == 1


def test_how_often_that_happens_is_a_figure_of_the_desk_and_of_the_metrics(
    alice: Account, alices: Client, article: str
) -> None:
    for _once in range(2):
        draft = a_draft(alice)
        alices.post(f"/requests/new/{draft.public_id.hex}/solved/", {"article": article})
    eves = cast.signed_in(cast.eve())
    eves.cookies["language"] = "en"
    assert "opora_self_help_solved 2.0" in eves.get("/metrics").content.decode()
    assert "<strong>2</strong> requests were not needed" in text_of(eves.get("/desk/articles/"))


def test_a_draft_that_became_a_case_is_not_closed_by_an_article(
    alice: Account, alices: Client, article: str
) -> None:
    draft = a_draft(alice)
    Draft.objects.filter(pk=draft.pk).update(case=factories.case(submitted_by=alice))
    answer = alices.post(f"/requests/new/{draft.public_id.hex}/solved/", {"article": article})
    assert answer["Location"].endswith("/submitted/")
    assert not SelfHelp.objects.exists()


def test_an_article_that_does_not_exist_solves_nothing(alice: Account, alices: Client) -> None:
    draft = a_draft(alice)
    answer = alices.post(f"/requests/new/{draft.public_id.hex}/solved/", {"article": "nothing"})
    assert answer.status_code == 404
    assert Draft.objects.filter(pk=draft.pk).exists()
    assert not SelfHelp.objects.exists()


@pytest.mark.shows("AC-03")
def test_a_strangers_draft_is_neither_shown_nor_closed(alice: Account, article: str) -> None:
    draft = a_draft(alice)
    charlies = signed_in(cast.charlie())
    page = text_of(charlies.get(f"/help/articles/{article}/?draft={draft.public_id.hex}"))
    assert "Back to your request" not in page
    address = f"/requests/new/{draft.public_id.hex}/solved/"
    assert charlies.post(address, {"article": article}).status_code == 404
    assert charlies.get(address).status_code == 404
    assert Draft.objects.filter(pk=draft.pk).exists()


# --- Did this help -------------------------------------------------------------------------------


def test_an_account_says_once_whether_it_helped_and_may_change_its_mind(
    alices: Client, article: str
) -> None:
    for helped in ("yes", "no"):
        alices.post(f"/help/articles/{article}/feedback/", {"helped": helped})
    (kept,) = Feedback.objects.all()
    assert not kept.helped


def test_those_not_signed_in_are_asked_too_but_a_network_only_so_often(article: str) -> None:
    client = Client()
    answers = [
        client.post(f"/help/articles/{article}/feedback/", {"helped": "yes"}).status_code
        for _each in range(61)
    ]
    assert answers == [302] * 60 + [429]
    assert Feedback.objects.count() == 60


# --- Guided diagnosis ----------------------------------------------------------------------------


@pytest.mark.shows("S6.1", "P10")
def test_every_page_of_a_diagnosis_takes_i_do_not_know_and_leads_to_the_form(article: str) -> None:
    factories.diagnosis("guide", article=article)
    client = Client()
    seen = {}
    for path in ("", "yes", "unknown", "yes.yes", "yes.no", "unknown.unknown"):
        page = text_of(client.get("/help/diagnoses/guide/", {"path": path}))
        seen[path] = page
        assert f"/requests/new/?diagnosis=guide&path={path}" in page
        is_question = path in ("", "yes", "unknown")
        assert ('name="answer" value="unknown"' in page) == is_question
    assert f"/help/articles/{article}/" in seen["yes.yes"]
    assert "Somebody has to look at it." in seen["yes.no"]


@pytest.mark.shows("P10")
def test_what_was_said_stands_in_the_description(alice: Account, article: str) -> None:
    factories.diagnosis("guide", article=article)
    address = "/requests/new/?diagnosis=guide&path=yes.unknown"
    asked = Client().get(address)
    assert asked.status_code == 302
    assert "diagnosis%3Dguide" in asked["Location"]  # signing in leads back here, path and all
    alices = signed_in(alice)
    with statements() as seen:
        page = text_of(alices.get(address))
    assert writes(seen) == []
    assert "– Is it switched on? Yes" in page
    assert "– Does the queue move? I don’t know" in page
    assert 'value="It does not print"' in page


@pytest.mark.shows("P10")
def test_from_a_draft_it_goes_below_what_was_typed_once(
    alice: Account, alices: Client, article: str
) -> None:
    factories.diagnosis("guide", article=article)
    draft = a_draft(alice)
    asked = {"draft": draft.public_id.hex, "path": "yes"}
    page = text_of(alices.get("/help/diagnoses/guide/", asked))
    assert "Back to your request" in page
    for _pressed in range(2):
        answer = alices.post(
            f"/requests/new/{draft.public_id.hex}/diagnosis/",
            {"diagnosis": "guide", "path": "yes.no"},
        )
        assert answer["Location"] == f"/requests/new/{draft.public_id.hex}/"
    draft.refresh_from_db()
    assert draft.answers["title"] == TITLE
    assert draft.answers["description"].splitlines() == [
        "Since Monday.",
        "",
        "From the guided diagnosis “It does not print”:",
        "– Is it switched on? Yes",
        "– Does the queue move? No",
        "It concluded: Somebody has to look at it.",
    ]


@pytest.mark.parametrize("path", ["made-up", "yes.made-up", "..", "yes" * 5000, "é", "yes.yes.yes"])
def test_an_address_that_somebody_changed_shows_the_last_step_it_fits(
    article: str, path: str
) -> None:
    factories.diagnosis("guide", article=article)
    assert Client().get("/help/diagnoses/guide/", {"path": path}).status_code == 200


@pytest.mark.shows("P10")
def test_help_is_open_without_signing_in_and_sign_in_leads_to_it(article: str) -> None:
    assert Client().get("/help/").status_code == 200
    assert 'href="/help/"' in text_of(Client().get("/accounts/login/"))
