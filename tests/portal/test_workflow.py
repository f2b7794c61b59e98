"""The workflow: one page, six steps, one form, without script (S6)."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from opora.accounts.models import Account
from opora.cases.actions import ensure_default_queue
from opora.cases.models import Case, Draft
from opora.catalog.models import Portal, Version
from opora.contracts.models import Contract, Registration
from tests import cast, factories
from tests.cast import signed_in
from tests.contracts import shipped
from tests.counting import statements, writes
from tests.portal.workflow_forms import fresh, started, whole


def test_looking_writes_nothing(alices: Client) -> None:
    with statements() as seen:
        alices.get("/requests/new/")
    assert writes(seen) == []
    address = started(alices)
    with statements() as seen:
        assert alices.get(address).status_code == 200
    assert writes(seen) == []


def test_a_page_that_was_never_saved_is_kept_from_the_first_press_on(alices: Client) -> None:
    address = fresh(alices)
    assert alices.get(address).status_code == 404
    assert alices.post(f"{address}fields/", {"title": "Backups"}).json()["saved"]
    assert alices.post(f"{address}fields/", {"title": "Backups stop"}).status_code == 200
    assert [draft.answers["title"] for draft in Draft.objects.all()] == ["Backups stop"]
    assert 'value="Backups stop"' in alices.get(address).content.decode()


@pytest.mark.shows("AC-05")
def test_an_id_that_somebody_else_writes_under_does_not_exist(alices: Client) -> None:
    address = started(alices)
    bobs = signed_in(cast.bob())
    for answer in (
        bobs.get(address),
        bobs.post(address, {"do": "save", "title": "Mine"}),
        bobs.post(f"{address}fields/", {"title": "Mine"}),
    ):
        assert answer.status_code == 404
    assert "title" not in Draft.objects.get().answers


@pytest.mark.shows("F-16")
def test_the_first_press_may_come_twice(
    alices: Client, version: Version, contract: Contract
) -> None:
    address = fresh(alices)
    for _press in range(2):
        answer = alices.post(address, whole(version, contract))
        assert answer["Location"] == address + "submitted/"
    assert Case.objects.count() == Draft.objects.count() == 1


@pytest.mark.shows("S6.9")
def test_takes_all_six_steps_in_one_post(
    alices: Client, version: Version, contract: Contract
) -> None:
    address = fresh(alices)
    answer = alices.post(address, whole(version, contract))
    assert answer["Location"] == address + "submitted/"
    case = Case.objects.get()
    page = alices.get(answer["Location"]).content.decode()
    number = "\u00a0".join(case.number[at : at + 4] for at in range(0, 16, 4))
    assert number in page
    assert "Mon\u00a023\u00a0Nov, 14:00" in page  # four business hours after ten o'clock in Prague
    assert "Open the request" in page
    contract.refresh_from_db()
    assert contract.incidents_left == 4


@pytest.mark.shows("S1.2")
@pytest.mark.parametrize("code", shipped.CODES)
def test_is_the_same_for_every_plan_that_ships(alices: Client, alice: Account, code: str) -> None:
    plan = next(one for one in shipped.document()["plans"] if one["code"] == code)
    is_cloud = "cloud" in plan["coverage"]["deployments"]
    version = factories.version(deployment="cloud" if is_cloud else "on_premises")
    contract = factories.contract(
        terms=factories.plan_version(code, terms=plan), registered_to=(alice,)
    )
    address = fresh(alices)
    answers = whole(version, contract, non_production="true")
    assert alices.post(address, answers)["Location"] == address + "submitted/"
    contract.refresh_from_db()
    assert contract.incidents_left == 4


def test_form_post_and_receipt_cost_so_many_statements_and_no_more(
    alices: Client, version: Version, contract: Contract
) -> None:
    """Who is signed in is one of each. The form: products, those asked about lately, questions. The
    receipt: the draft with its case and whether it is read, the contacts."""
    ensure_default_queue(now=factories.NOW)  # made once in an installation's life
    with statements() as form:
        address = fresh(alices)
    with statements() as post:
        answer = alices.post(address, whole(version, contract))
    with statements() as receipt:
        assert alices.get(answer["Location"]).status_code == 200
    assert Case.objects.count() == 1
    words = 2 if connection.vendor == "sqlite" else 1  # a row for SQLite's index, beside the case's
    assert [len(form), len(post), len(receipt)] == [4, 13 + words, 3], [form, post, receipt]


def test_submitting_a_draft_that_was_saved_costs_no_statement_more(
    alices: Client, version: Version, contract: Contract
) -> None:
    ensure_default_queue(now=factories.NOW)
    address = started(alices)
    with statements() as post:
        alices.post(address, whole(version, contract))
    assert Case.objects.count() == 1
    assert len(post) == (15 if connection.vendor == "sqlite" else 14), post


@pytest.mark.shows("F-16")
def test_submitting_again_shows_the_first_result(
    alices: Client, version: Version, contract: Contract
) -> None:
    address = started(alices)
    first = alices.post(address, whole(version, contract))
    again = alices.post(address, whole(version, contract, title="Pressed twice"))
    back = alices.get(address)
    assert first["Location"] == again["Location"] == back["Location"]
    assert Case.objects.count() == 1
    contract.refresh_from_db()
    assert contract.incidents_left == 4


def test_steps_follow_each_other(alices: Client, version: Version, contract: Contract) -> None:
    address = started(alices)
    everything = whole(version, contract)
    for step, opens in (
        ("problem", "support"),
        ("support", "primary_contact"),
        ("primary_contact", "sharing"),
        ("sharing", "verify"),
        ("verify", "submit"),
    ):
        answer = alices.post(address, everything | {"do": f"next:{step}", "sections": step})
        assert answer["Location"] == f"{address}?step={opens}#{opens}"
        assert alices.get(f"{address}?step={opens}").status_code == 200
    page = alices.get(address).content.decode()
    assert "Submit and use 1 incident" in page
    assert Case.objects.count() == 0
    alices.post(address, {"do": "submit"})
    assert Case.objects.get().title == "Backups stop"


@pytest.mark.shows("S6.8")
def test_a_finished_step_is_checked_again_when_what_it_depends_on_changes(
    alices: Client, version: Version, contract: Contract
) -> None:
    address = started(alices)
    everything = whole(version, contract)
    alices.post(address, everything | {"do": "next:problem"})
    alices.post(address, everything | {"do": "next:support"})
    alices.post(address, {"non_production": "true", "do": "next:problem"})
    page = alices.get(address + "?step=problem").content.decode()
    assert "You changed the environment: the system is not in production." in page


def test_errors_stand_next_to_their_fields_and_nothing_is_lost(alices: Client) -> None:
    address = started(alices)
    typed = "A description\n  with <b>lines</b>"
    answer = alices.post(
        address, {"description": typed, "do": "next:problem", "sections": "problem"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: " in page
    assert '<a href="#id_title">Say in one line what is wrong.</a>' in page
    assert "with &lt;b&gt;lines&lt;/b&gt;</textarea>" in page
    assert Draft.objects.get().answers["description"] == typed
    assert "with &lt;b&gt;lines" in alices.get(address).content.decode()


def test_a_refused_submission_keeps_everything(
    alices: Client, version: Version, contract: Contract
) -> None:
    Contract.objects.update(suspended_at=factories.NOW)
    address = started(alices)
    answer = alices.post(address, whole(version, contract))
    assert answer.status_code == 422
    assert "is suspended" in answer.content.decode()
    assert Case.objects.count() == 0
    assert Draft.objects.get().answers["title"] == "Backups stop"


@pytest.mark.shows("S4.1", "S6.2")
def test_step_two_lists_usable_contracts_and_every_reason_against_the_others(
    alices: Client, alice: Account, version: Version, contract: Contract
) -> None:
    factories.contract(registered_to=(alice,), suspended_at=factories.NOW)
    foreign = factories.contract(registered_to=(cast.bob(),))
    address = started(alices)
    alices.post(address, whole(version, contract) | {"do": "next:problem"})
    page = alices.get(address + "?step=support").content.decode()
    assert "alice@example.com (Personal account)" in page
    assert "5 of 5 left" in page
    assert "Uses 1 incident, 4 left after that" in page
    assert "View unavailable support plans? (1)" in page
    assert "is suspended" in page
    assert foreign.public_id.hex not in page


@pytest.mark.shows("S16.2")
def test_the_due_instant_is_said_before_submitting(alices: Client) -> None:
    chosen = {"severity": "A", "country": "CZ", "time_zone": "Europe/Prague"}
    page = alices.get("/requests/new/due/", chosen | {"round_the_clock": "true"}).content.decode()
    assert "First response by Mon\u00a023\u00a0Nov, 12:00" in page
    assert "2 hours, around the clock" in page
    page = alices.get("/requests/new/due/", chosen | {"severity": "B"}).content.decode()
    assert "4 business hours, Prague" in page


@pytest.mark.shows("S6.3")
def test_round_the_clock_goes_with_critical_severity_only(
    alices: Client, version: Version, contract: Contract
) -> None:
    address = started(alices)
    alices.post(address, whole(version, contract, round_the_clock="true"))
    assert Case.objects.get().is_round_the_clock is False


@pytest.mark.shows("S16.3")
def test_round_the_clock_asks_for_a_phone_number(
    alices: Client, version: Version, contract: Contract
) -> None:
    address = started(alices)
    answer = alices.post(address, whole(version, contract, severity="A", round_the_clock="true"))
    assert answer.status_code == 422
    assert "Enter a phone number of the primary contact" in answer.content.decode()
    assert 'href="#id_primary_contact_phone"' in answer.content.decode()


@pytest.mark.shows("S6.7", "P15")
def test_whoever_submits_for_a_colleague_is_offered_to_be_added(
    alices: Client, version: Version, contract: Contract
) -> None:
    address = started(alices)
    colleague = whole(version, contract) | {
        "primary_contact.email": "eva@example.com",
        "primary_contact.given_name": "Eva",
    }
    for step in ("problem", "support", "primary_contact"):
        alices.post(address, colleague | {"do": f"next:{step}"})
    page = alices.get(address + "?step=sharing").content.decode()
    assert re.search(r'name="add_me" value="true" checked', page)
    alices.post(address, {"do": "next:sharing", "sections": "sharing", "add_me": "true"})
    people = Draft.objects.get().answers["additional_contacts"]
    assert [person["email"] for person in people] == ["alice@example.com"]


@pytest.mark.shows("S6.7")
def test_the_confirmation_says_who_will_not_see_the_request(
    alices: Client, version: Version, contract: Contract
) -> None:
    address = started(alices)
    alices.post(address, whole(version, contract) | {"primary_contact.email": "eva@example.com"})
    page = alices.get(address + "submitted/").content.decode()
    assert "You cannot see this request yourself" in page
    assert "ask one of them to add alice@example.com" in page
    assert alices.get(f"/requests/{Case.objects.get().number}/").status_code == 404


@pytest.mark.shows("S3.1")
def test_a_product_supported_elsewhere_says_where(
    alices: Client, version: Version, contract: Contract
) -> None:
    portal = Portal.objects.create(
        slug="cloud", names={"cs": "Portál", "en": "Cloud portal"}, url="https://cloud.example/"
    )
    version.product.portal = portal
    version.product.save()
    address = started(alices)
    everything = whole(version, contract)
    asked = {"product": version.product.slug, "version": version.slug}
    page = alices.get(address + "subject/", asked).content.decode()
    assert 'href="https://cloud.example/"' in page
    assert "Go on here with" in page
    refused = alices.post(address, everything | {"do": "next:problem", "sections": "problem"})
    assert refused.status_code == 422
    assert "This product is supported at Cloud portal." in refused.content.decode()
    here = alices.post(address, everything | {"do": f"here:{contract.public_id.hex}"})
    assert here["Location"].endswith("?step=problem#problem")
    assert 'class="elsewhere"' not in alices.get(here["Location"]).content.decode()
    on = alices.post(address, everything | {"do": "next:problem", "sections": "problem"})
    assert on["Location"].endswith("?step=support#support")


@pytest.mark.shows("S2.3")
def test_a_contract_can_be_added_in_step_two_and_its_secret_is_kept_nowhere(
    alices: Client, alice: Account, version: Version, contract: Contract
) -> None:
    address = started(alices)
    alices.post(address, whole(version, contract) | {"do": "next:problem"})
    answer = alices.post(
        address,
        {
            "do": "add-contract",
            "sections": "support",
            "access_id": "AAAA BBBB CCCC DDDD EEEE",
            "contract_id": "1234 5678 9012",
            "severity": "C",
        },
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "No contract has this Access ID together with this Contract ID." in page
    kept = Draft.objects.get().answers
    assert kept["severity"] == "C"
    assert 'id="id_contract_number" name="contract_id" value="1234 5678 9012"' in page
    assert "AAAA BBBB" not in page
    assert "AAAA BBBB" not in str(kept)
    assert Registration.objects.filter(account=alice).count() == 1


def test_autosave_keeps_single_fields(alices: Client) -> None:
    address = started(alices)
    answer = alices.post(address + "fields/", {"title": "Half a"})
    assert answer.json() == {"saved": "Saved 10:00"}
    alices.post(address + "fields/", {"additional_contacts.0.email": "eva@"})
    kept = Draft.objects.get().answers
    assert kept["title"] == "Half a"
    assert kept["additional_contacts"] == [{"given_name": "", "family_name": "", "email": "eva@"}]


def test_autosave_of_what_is_known_writes_nothing(alices: Client) -> None:
    address = started(alices)
    alices.post(address + "fields/", {"title": "Half a"})
    with statements() as seen:
        alices.post(address + "fields/", {"title": "Half a"})
    assert writes(seen) == []


def test_autosave_after_submitting_leads_to_the_confirmation(
    alices: Client, version: Version, contract: Contract
) -> None:
    address = started(alices)
    alices.post(address, whole(version, contract))
    answer = alices.post(address + "fields/", {"title": "Too late"})
    assert answer.status_code == 409
    assert answer.json() == {"submitted": address + "submitted/"}
    assert Case.objects.get().title == "Backups stop"


def test_files_travel_with_the_form_and_become_the_cases(
    alices: Client, version: Version, contract: Contract
) -> None:
    address = started(alices)
    alices.post(
        address,
        {
            "do": "save",
            "attachments": [
                SimpleUploadedFile("log.txt", b"one"),
                SimpleUploadedFile("log.txt", b"two"),
            ],
        },
    )
    sent = alices.post(address + "files/", {"file": SimpleUploadedFile("third.txt", b"three")})
    assert sent.status_code == 201
    alices.post(address, {"do": f"remove-file:{sent.json()['id']}"})
    alices.post(address, whole(version, contract))
    names = [file.name for file in Case.objects.get().attachments.order_by("pk")]
    assert names == ["log.txt", "log.txt"]


def test_a_draft_is_its_accounts_own(alices: Client) -> None:
    address = started(alices)
    stranger = signed_in(cast.charlie())
    for path in ("", "fields/", "files/", "discarding/"):
        assert stranger.post(address + path, {"title": "Mine now"}).status_code == 404
    assert stranger.get(address).status_code == 404
    assert stranger.get(address + "submitted/").status_code == 404
    assert Draft.objects.get().answers.get("title", "") == ""


def test_a_draft_can_be_discarded(alices: Client) -> None:
    address = started(alices)
    assert "Keep it" in alices.get(address + "discarding/").content.decode()
    assert alices.post(address + "discarding/")["Location"] == "/"
    assert Draft.objects.count() == 0
    assert alices.get(address).status_code == 404
