"""The page of which mails one gets, and why."""

from __future__ import annotations

import pytest
from django.test import Client

from opora.accounts.actions import create_account
from opora.core.models import AuditLine
from opora.notifications.models import SwitchedOffMail
from opora.notifications.topics import CHOICES
from tests import cast
from tests.factories import NOW, PASSWORD
from tests.web.account_pages import set_up_second_factor, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/settings/mails/"


def signed_in(account: object) -> Client:
    client = Client()
    client.force_login(account)  # type: ignore[arg-type]
    return client


def test_a_box_stands_where_there_is_a_choice_and_a_reason_where_there_is_none() -> None:
    page = signed_in(cast.alice()).get(PAGE).content.decode()
    assert page.count('type="checkbox"') == page.count(" checked") == len(CHOICES)
    assert "It proves that we have it." in page
    assert "Without them you would not notice that somebody else changed something." in page


def test_what_is_not_ticked_is_switched_off_and_shown_so() -> None:
    alice = cast.alice()
    client = signed_in(alice)
    answer = client.post(PAGE, {"topic": sorted(CHOICES - {"shared.messages"})})
    assert answer["Location"] == PAGE
    assert list(SwitchedOffMail.objects.values_list("account", "topic")) == [
        (alice.pk, "shared.messages")
    ]
    assert AuditLine.objects.get(code="account.mails_chosen").facts == {"off": ["shared.messages"]}
    assert client.get(PAGE).content.decode().count(" checked") == len(CHOICES) - 1


def test_looking_changes_nothing_whatever_stands_in_the_address() -> None:
    signed_in(cast.alice()).get(f"{PAGE}?topic=shared.messages")
    assert not SwitchedOffMail.objects.exists()


def test_agents_see_what_concerns_their_account_only() -> None:
    client = Client()
    create_account(
        email="dana@opora.example",
        kind="agent",
        given_name="Dana",
        family_name="Dvořáková",
        password=PASSWORD,
        by=None,
        now=NOW,
    )
    sign_in(client, "dana@opora.example")
    set_up_second_factor(client)
    page = client.get(PAGE).content.decode()
    assert "Without them you would not notice that somebody else changed something." in page
    assert 'type="checkbox"' not in page
    assert "primary contact" not in page
