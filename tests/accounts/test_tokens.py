"""Bearer tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from opora.accounts.actions import issue_token, revoke_token
from opora.accounts.models import ApiToken
from opora.accounts.queries import account_for_token
from opora.core.errors import InvalidInput
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.shows("AU-09")
def test_a_token_has_256_bits_and_is_kept_as_a_hash() -> None:
    account = factories.account()
    secrets = {issue_token(account=account, by=None, now=NOW) for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(secret.removeprefix("opora_")) == 43 for secret in secrets)
    for token in ApiToken.objects.all():
        assert len(token.secret_hash) == 64
        assert not any(secret in str(vars(token)) for secret in secrets)


@pytest.mark.shows("AU-09")
def test_a_token_ends_with_its_last_instant() -> None:
    account = factories.account()
    secret = issue_token(account=account, days=7, scope="read", by=None, now=NOW)
    end = NOW + timedelta(days=7)
    assert account_for_token(secret, now=end - timedelta(seconds=1)) == (account, "read")
    assert account_for_token(secret, now=end) is None


@pytest.mark.shows("AU-09")
def test_the_last_use_is_noted_at_most_once_an_hour(django_assert_num_queries: object) -> None:
    account = factories.account()
    secret = issue_token(account=account, by=None, now=NOW)
    account_for_token(secret, now=NOW)
    soon = NOW + timedelta(minutes=59)
    with django_assert_num_queries(1):  # type: ignore[operator]
        account_for_token(secret, now=soon)
    assert ApiToken.objects.get().last_used_at == NOW
    account_for_token(secret, now=NOW + timedelta(hours=1))
    assert ApiToken.objects.get().last_used_at == NOW + timedelta(hours=1)


@pytest.mark.shows("AU-09", "AU-10")
def test_a_revoked_token_opens_nothing() -> None:
    account = factories.account()
    secret = issue_token(account=account, by=account, now=NOW)
    revoke_token(token=ApiToken.objects.get(), by=account, now=NOW)
    assert account_for_token(secret, now=NOW) is None


@pytest.mark.shows("AU-07")
@pytest.mark.parametrize("text", ["", " ", "\x00", "opora_", "opora_" + "A" * 43])
def test_what_is_no_token_opens_nothing(text: str) -> None:
    issue_token(account=factories.account(), by=None, now=NOW)
    assert account_for_token(text, now=NOW) is None


@pytest.mark.parametrize(("days", "scope"), [(0, "read"), (-1, "read"), (9999, "read"), (1, "all")])
def test_a_token_is_bounded(days: int, scope: str) -> None:
    with pytest.raises(InvalidInput):
        issue_token(account=factories.account(), days=days, scope=scope, by=None, now=NOW)
    assert not ApiToken.objects.exists()
