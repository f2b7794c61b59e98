"""Who a provider's identity is (the deed; over HTTP in tests/web)."""

from __future__ import annotations

from typing import Any

import pytest

from opora.accounts.actions import (
    add_organization,
    create_account,
    deactivate_account,
    sign_in_by_provider,
)
from opora.accounts.errors import AccountIsInactive, IdentityNotAccepted
from opora.accounts.models import Account, IdentityProvider, WorkIdentity
from opora.accounts.queries import accounts_with_address
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider() -> IdentityProvider:
    company = add_organization(
        name="Contoso",
        domains=["contoso.example"],
        issuer="https://login.contoso.example",
        client_id="opora",
        client_secret="secret",
        by=None,
        now=NOW,
    )
    return IdentityProvider.objects.get(organization=company)


def sign_in(provider: IdentityProvider, subject: str = "s-1", **claims: Any) -> Account:
    said = {"email": "jan@contoso.example", "given_name": "Jan", "family_name": "Malý"} | claims
    return sign_in_by_provider(provider=provider, subject=subject, now=NOW, **said)


@pytest.mark.shows("S5.2", "S8.4")
def test_the_first_sign_in_makes_a_work_account_with_a_proved_address(
    provider: IdentityProvider,
) -> None:
    account = sign_in(provider)
    assert (account.kind, account.organization) == ("work", provider.organization)
    assert account.full_name == "Jan Malý"
    assert not account.has_profile
    assert accounts_with_address("jan@contoso.example") == [account]


@pytest.mark.shows("AU-13")
def test_the_identity_is_the_subject_never_the_address(provider: IdentityProvider) -> None:
    account = sign_in(provider)
    assert sign_in(provider, email="jana@contoso.example") == account
    with pytest.raises(IdentityNotAccepted):
        sign_in(provider, "s-2", email="jana@contoso.example")
    assert WorkIdentity.objects.count() == Account.objects.count() == 1


@pytest.mark.shows("AU-13")
def test_an_account_made_in_advance_is_bound_once(provider: IdentityProvider) -> None:
    made = create_account(
        email="jan@contoso.example",
        kind="work",
        given_name="J",
        family_name="M",
        by=None,
        now=NOW,
    )
    assert sign_in(provider, email="JAN@contoso.example") == made
    with pytest.raises(IdentityNotAccepted):
        sign_in(provider, "s-2")
    assert WorkIdentity.objects.get().subject == "s-1"


@pytest.mark.shows("AU-13", "S8.4")
@pytest.mark.parametrize(
    "email", ["", "jan@example.com", "jan@fabrikam.example", "jan@sub.contoso.example", "jan"]
)
def test_a_provider_speaks_for_its_own_domains_only(provider: IdentityProvider, email: str) -> None:
    factories.organization(domains=("fabrikam.example",))
    with pytest.raises(IdentityNotAccepted):
        sign_in(provider, email=email)
    assert not Account.objects.exists()


@pytest.mark.shows("AU-13")
def test_another_organizations_account_made_in_advance_is_not_bound(
    provider: IdentityProvider,
) -> None:
    factories.organization(domains=("fabrikam.example",))
    create_account(
        email="eva@fabrikam.example",
        kind="work",
        given_name="E",
        family_name="M",
        by=None,
        now=NOW,
    )
    with pytest.raises(IdentityNotAccepted):
        sign_in(provider, email="eva@fabrikam.example")
    assert not WorkIdentity.objects.exists()


@pytest.mark.shows("AU-13", "S8.4")
def test_a_personal_account_with_the_address_stays_apart(provider: IdentityProvider) -> None:
    personal = factories.account("jan@contoso.example")
    work = sign_in(provider)
    assert work != personal
    assert accounts_with_address("jan@contoso.example") == [personal, work]


def test_a_later_foreign_address_is_left_aside(provider: IdentityProvider) -> None:
    account = sign_in(provider)
    sign_in(provider, email="jan@example.com")
    account.refresh_from_db()
    assert account.email == "jan@contoso.example"
    assert accounts_with_address("jan@example.com") == []


@pytest.mark.shows("S5.2")
def test_names_follow_the_provider_and_a_missing_one_stays_as_typed(
    provider: IdentityProvider,
) -> None:
    account = sign_in(provider, given_name="Johann")
    sign_in(provider, given_name="", family_name="Velký")
    account.person.refresh_from_db()
    assert account.person.full_name == "Johann Velký"


def test_a_deactivated_account_is_not_signed_in(provider: IdentityProvider) -> None:
    deactivate_account(account=sign_in(provider), by=None, now=NOW)
    with pytest.raises(AccountIsInactive):
        sign_in(provider)
