"""Making and ending accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from opora.accounts.actions import (
    add_organization,
    create_account,
    deactivate_account,
    issue_token,
)
from opora.accounts.errors import (
    AccountIsInactive,
    AddressIsAmbiguous,
    AddressTaken,
    DomainNotAssigned,
    NotAnAddress,
)
from opora.accounts.models import Account, Organization, ProvedAddress, Session
from opora.accounts.queries import account_by, account_for_token, accounts_with_address
from opora.core.errors import InvalidInput
from opora.core.models import AuditLine, Job
from opora.core.outbox import Effect, publish
from tests import factories
from tests.factories import NOW, PASSWORD

pytestmark = pytest.mark.django_db


def create(email: str = "jan@example.com", kind: str = "personal", **more: Any) -> Account:
    return create_account(
        **{"given_name": "Jan", "family_name": "Malý", "by": None, "now": NOW}
        | {"email": email, "kind": kind}
        | more
    )


def test_an_operator_makes_an_account_that_is_ready() -> None:
    account = create("Jan@Example.com", password=PASSWORD, phone="+420  601 123 456")
    account.refresh_from_db()
    assert account.email == "Jan@example.com"
    assert account.email_key == account.login_email == "jan@example.com"
    assert account.full_name == "Jan Malý"
    assert (account.country, account.time_zone, account.language) == ("CZ", "Europe/Prague", "en")
    assert account.phone == "+420 601 123 456"
    assert account.has_profile
    assert account.check_password(PASSWORD)
    proved = ProvedAddress.objects.get(account=account)
    assert (proved.address_key, proved.how) == ("jan@example.com", "operator")
    assert EmailAddress.objects.get(user=account).verified
    assert Job.objects.get(kind="account.address_proved").payload == {"account": account.pk}
    assert list(AuditLine.objects.values_list("code", "target_id")) == [
        ("account.address_proved", account.public_id.hex),
        ("account.created", account.public_id.hex),
    ]


def test_without_a_password_nobody_signs_in() -> None:
    assert not create().has_usable_password()


@pytest.mark.shows("S8.4")
def test_a_work_account_needs_an_address_in_an_assigned_domain() -> None:
    with pytest.raises(DomainNotAssigned):
        create("jan@contoso.example", "work")
    assert not Account.objects.exists()
    company = factories.organization("Contoso", domains=("contoso.example",))
    account = create("jan@contoso.example", "work")
    assert account.organization == company
    assert account.login_email is None
    assert not EmailAddress.objects.exists()
    assert account.memberships.get().organization == company


def test_a_work_account_has_no_password() -> None:
    factories.organization("Contoso", domains=("contoso.example",))
    with pytest.raises(InvalidInput):
        create("jan@contoso.example", "work", password=PASSWORD)
    assert not Account.objects.exists()


@pytest.mark.shows("S8.4")
def test_one_address_stands_on_a_personal_and_on_a_work_account() -> None:
    factories.organization("Contoso", domains=("contoso.example",))
    personal, work = create("jan@contoso.example"), create("JAN@contoso.example", "work")
    assert accounts_with_address("jan@contoso.example") == [personal, work]
    with pytest.raises(AddressIsAmbiguous) as refused:
        account_by("jan@contoso.example")
    assert refused.value.kinds == "personal, work"
    assert account_by("Jan@Contoso.example", "work") == work


@pytest.mark.parametrize("kind", ["personal", "agent", "administrator"])
def test_a_sign_in_name_is_one(kind: str) -> None:
    create()
    with pytest.raises(AddressTaken):
        create("JAN@example.com", kind)
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"country": "XX"}, "country"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone"),
        ({"language": "de"}, "language"),
        ({"phone": "call me"}, "phone"),
        ({"password": "short"}, "password"),
        ({"kind": "robot"}, "kind"),
        ({"given_name": " "}, "given_name"),
        ({"family_name": "x" * 101}, "family_name"),
    ],
)
def test_what_cannot_be_taken_is_named(more: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        create(**more)
    assert {error["field"] for error in refused.value.errors} == {field}
    assert not Account.objects.exists()


def test_what_is_no_address_makes_no_account() -> None:
    with pytest.raises(NotAnAddress):
        create('"jan"@example.com')


@pytest.mark.shows("AU-10")
def test_deactivating_ends_sessions_tokens_and_queued_mail() -> None:
    account, other = create(), create("eva@example.com")
    secret = issue_token(account=account, by=None, now=NOW)
    kept = issue_token(account=other, by=None, now=NOW)
    for owner in (account, other):
        Session.objects.create(
            session_key=f"key-{owner.pk}",
            session_data="",
            expire_date=NOW + timedelta(days=1),
            account=owner,
        )
        publish(Effect("mail.account", key=owner.mail_key), at=NOW)
    deactivate_account(account=account, by=None, now=NOW)
    deactivate_account(account=account, by=None, now=NOW)
    assert account_for_token(secret, now=NOW) is None
    assert account_for_token(kept, now=NOW) == (other, "write")
    assert [session.account for session in Session.objects.all()] == [other]
    assert dict(Job.objects.filter(kind="mail.account").values_list("key", "state")) == {
        account.mail_key: "cancelled",
        other.mail_key: "open",
    }
    assert AuditLine.objects.filter(code="account.deactivated").count() == 1
    with pytest.raises(AccountIsInactive):
        issue_token(account=account, by=None, now=NOW)


@pytest.mark.parametrize("name", [" ", "x" * 201])
def test_an_organization_has_a_name_that_every_database_keeps(name: str) -> None:
    with pytest.raises(InvalidInput):
        add_organization(name=name, domains=["contoso.example"], by=None, now=NOW)
    assert not Organization.objects.exists()


def test_an_organization_holds_each_domain_alone() -> None:
    from opora.accounts.errors import DomainTaken, OrganizationExists
    from opora.accounts.models import MailDomain

    add_organization(name="Contoso", domains=["contoso.example", "CONTOSO.cz"], by=None, now=NOW)
    with pytest.raises(DomainTaken):
        add_organization(name="Fabrikam", domains=["contoso.CZ"], by=None, now=NOW)
    with pytest.raises(OrganizationExists):
        add_organization(name="CONTOSO", domains=["other.example"], by=None, now=NOW)
    assert Organization.objects.count() == 1
    assert set(MailDomain.objects.values_list("domain", flat=True)) == {
        "contoso.example",
        "contoso.cz",
    }


@pytest.mark.parametrize(
    "issuer",
    [
        *("http://login.example.com", "ftp://x.example", "https://x.example/?a=1", "x"),
        *("https://", "https://[::1", "https://x.example:99999", f"https://{'x' * 500}"),
    ],
)
def test_a_provider_is_reached_over_tls(issuer: str) -> None:
    with pytest.raises(InvalidInput):
        add_organization(
            name="Contoso",
            domains=["contoso.example"],
            issuer=issuer,
            client_id="opora",
            by=None,
            now=NOW,
        )
