"""Addresses that an account has shown to be its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from opora.accounts.actions import change_address, prove_address, release_address
from opora.accounts.errors import AddressTaken, DomainNotAssigned
from opora.accounts.models import Account, ProvedAddress
from opora.accounts.queries import accounts_with_address
from opora.core.models import Job
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


@pytest.mark.shows("S8.4")
def test_proving_is_news_once() -> None:
    account = factories.account("jan@example.com", proved=False)
    for _ in range(2):
        prove_address(account=account, address="Jan@example.com", how="mail", now=NOW)
    assert accounts_with_address("jan@example.com") == [account]
    assert Job.objects.filter(kind="account.address_proved").count() == 1


@pytest.mark.shows("S8.4")
def test_a_work_account_proves_addresses_of_its_own_organization_only() -> None:
    company = factories.organization(domains=("contoso.example",))
    factories.organization(domains=("fabrikam.example",))
    account = factories.account(
        "jan@contoso.example", kind="work", organization=company, proved=False
    )
    for address in ("jan@fabrikam.example", "jan@example.com", "jan@sub.contoso.example"):
        with pytest.raises(DomainNotAssigned):
            prove_address(account=account, address=address, how="provider", now=NOW)
    assert not ProvedAddress.objects.exists()


@pytest.mark.shows("S8.4")
def test_a_changed_address_lets_the_former_go_for_good() -> None:
    account = factories.account("old@example.com")
    change_address(account=account, address="new@example.com", how="mail", now=LATER)
    account.refresh_from_db()
    assert (account.email, account.email_key, account.login_email) == ("new@example.com",) * 3
    held = dict(ProvedAddress.objects.values_list("address_key", "released_at"))
    assert held == {"old@example.com": LATER, "new@example.com": None}
    assert accounts_with_address("old@example.com") == []


def test_an_address_of_somebody_else_is_not_taken_over() -> None:
    account = factories.account("old@example.com")
    factories.account("new@example.com", kind=Account.Kind.AGENT)
    with pytest.raises(AddressTaken):
        change_address(account=account, address="NEW@example.com", how="mail", now=LATER)
    account.refresh_from_db()
    assert account.email == "old@example.com"
    assert ProvedAddress.objects.filter(account=account, released_at__isnull=True).count() == 1


def test_an_address_that_was_let_go_can_be_proved_again() -> None:
    account = factories.account("jan@example.com")
    release_address(account=account, address="jan@example.com", by=account, now=NOW)
    prove_address(account=account, address="jan@example.com", how="mail", now=LATER)
    proved = ProvedAddress.objects.get()
    assert (proved.proved_at, proved.released_at) == (LATER, None)
