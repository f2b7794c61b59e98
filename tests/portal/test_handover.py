"""A draft goes on under one's other account: nothing typed is lost, nothing is shown on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from opora.accounts.models import Account
from opora.cases.models import Attachment, Draft
from opora.core.models import AuditLine
from tests import cast, factories
from tests.cast import signed_in

pytestmark = pytest.mark.django_db
SECRET = "The payroll server says 0x80070005"


@pytest.fixture
def walter(db: None) -> Account:
    return cast.walter()


def typed(alice: Account) -> Draft:
    contract = factories.contract(registered_to=(alice,))
    draft = factories.draft(alice, title=SECRET, contract=contract.public_id.hex)
    Draft.objects.filter(pk=draft.pk).update(confirmed=["problem", "support", "primary_contact"])
    return draft


def link_from(client: Client, draft: Draft, **more: Any) -> str:
    """Press the button; the path that waits behind the sign-in."""
    address = f"/requests/new/{draft.public_id.hex}/"
    answer = client.post(address, {"do": "hand-over"} | more)
    there = urlsplit(answer["Location"])
    assert there.path == "/accounts/login/"
    return parse_qs(there.query)["next"][0]


@pytest.mark.shows("P5")
def test_what_was_typed_goes_on_in_the_other_account_with_its_files(
    alice: Account, alices: Client, walter: Account
) -> None:
    draft = typed(alice)
    log = SimpleUploadedFile("job.log", b"it stopped")
    link = link_from(alices, draft, title=f"{SECRET}!", group="ab" * 16, attachments=log)
    assert "_auth_user_id" not in alices.session, "signed out"
    walters = signed_in(walter)
    page = walters.get(link).content.decode()
    assert SECRET in page
    assert "alice@example.com" in page
    assert Draft.objects.get().account == alice, "looking moves nothing"
    answer = walters.post(link)
    assert answer["Location"] == f"/requests/new/{draft.public_id.hex}/"
    moved = Draft.objects.get()
    assert moved.account == walter
    assert moved.answers["title"] == f"{SECRET}!"
    assert "contract" not in moved.answers
    assert "group" not in moved.answers, "it is one of the other account's"
    assert "support" not in moved.confirmed
    assert Attachment.objects.get().uploaded_by == walter
    assert walters.get(answer["Location"]).status_code == 200
    assert signed_in(alice).get(answer["Location"]).status_code == 404
    line = AuditLine.objects.get(code="draft.handed_over")
    assert (line.actor_id, line.facts) == (walter.pk, {"former": alice.public_id.hex})


@pytest.mark.shows("P5", "AC-02")
def test_without_signing_in_the_link_shows_nothing(alice: Account, alices: Client) -> None:
    link = link_from(alices, typed(alice))
    for answer in (alices.get(link), Client().get(link), Client().post(link)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")
    page = alices.get(f"/accounts/login/?next={link}").content.decode()
    assert SECRET not in page
    assert Draft.objects.get().account == alice


@pytest.mark.shows("P5")
def test_the_link_works_once(alice: Account, alices: Client, walter: Account) -> None:
    draft = typed(alice)
    link = link_from(alices, draft)
    walters, bobs = signed_in(walter), signed_in(cast.bob())
    walters.post(link)
    for client in (bobs, walters):
        assert client.post(link).status_code == 404
        assert SECRET not in client.get(link).content.decode()
    # Not even after the draft has come back to whoever offered it first.
    back = link_from(walters, draft)
    signed_in(alice).post(back)
    assert Draft.objects.get().account == alice
    assert bobs.post(link).status_code == 404
    assert Draft.objects.get().account == alice


@pytest.mark.shows("P5")
@pytest.mark.parametrize("what", ["late", "forged", "replaced", "submitted", "discarded"])
def test_a_link_that_is_over_moves_nothing(
    alice: Account, alices: Client, walter: Account, what: str
) -> None:
    draft = typed(alice)
    link = link_from(alices, draft)
    at = factories.NOW
    if what == "late":
        at += timedelta(minutes=30)
    elif what == "forged":
        link = link.replace(link[-8:-1], "AAAAAAA")
    elif what == "replaced":
        assert link_from(signed_in(alice), draft) != link
    elif what == "submitted":
        Draft.objects.update(case=factories.case(submitted_by=alice))
    else:
        draft.delete()
    with time_machine.travel(at, tick=False):
        answer = signed_in(walter).post(link)
    assert answer.status_code == 404
    assert "This link works no more" in answer.content.decode()
    assert not Draft.objects.filter(account=walter).exists()
    assert not AuditLine.objects.filter(code="draft.handed_over").exists()


def test_in_ones_own_account_the_link_just_leads_back(alice: Account, alices: Client) -> None:
    draft = typed(alice)
    link = link_from(alices, draft)
    again = signed_in(alice)
    for answer in (again.get(link), again.post(link)):
        assert answer["Location"] == f"/requests/new/{draft.public_id.hex}/"
    assert Draft.objects.get().answers["contract"]


def test_a_strangers_draft_cannot_be_offered(alice: Account, walter: Account) -> None:
    draft = typed(alice)
    answer = signed_in(walter).post(f"/requests/new/{draft.public_id.hex}/", {"do": "hand-over"})
    assert answer.status_code == 404
    assert "handover" not in Draft.objects.get().answers
