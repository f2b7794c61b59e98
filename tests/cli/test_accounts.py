"""The command line of accounts, organisations and tokens."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.utils import timezone

from opora.accounts.models import Account, ApiToken, IdentityProvider, MailDomain, Membership
from opora.accounts.queries import account_for_token
from opora.cli import main as entry
from tests import factories
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
JAN = ("--given-name", "Jan", "--family-name", "Malý")


@pytest.fixture
def opora(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command; (exit code, standard output, standard error)."""
    monkeypatch.setattr(entry, "_set_up", lambda args: None)
    monkeypatch.setattr("opora.cli.preparation.prepare", lambda: None)

    def run(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = entry.main(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_an_account_is_created_with_the_password_from_standard_input(opora: Any) -> None:
    code, _, error = opora(
        *("accounts", "create", "--email", "jan@example.com", "--kind", "personal", *JAN),
        *("--country", "DE", "--time-zone", "Europe/Berlin", "--language", "cs"),
        typed=PASSWORD + "\n",
    )
    assert (code, error) == (0, "")
    account = Account.objects.get()
    assert account.check_password(PASSWORD)
    assert (account.country, account.time_zone, account.language) == ("DE", "Europe/Berlin", "cs")


def test_without_a_password_none_is_set(opora: Any) -> None:
    opora("accounts", "create", "--email", "jan@example.com", "--kind", "agent", *JAN)
    assert not Account.objects.get().has_usable_password()


def test_what_is_refused_is_a_sentence_and_exit_1(opora: Any) -> None:
    code, out, error = opora(
        "accounts", "create", "--email", "jan@contoso.example", "--kind", "work", *JAN
    )
    assert (code, out) == (1, "")
    assert "contoso.example is not assigned" in error
    assert not Account.objects.exists()
    assert opora("accounts", "create", "--email", "x", "--kind", "agent", *JAN)[0] == 1


def test_an_unknown_kind_is_a_usage_error(opora: Any) -> None:
    with pytest.raises(SystemExit) as left:
        opora("accounts", "create", "--email", "jan@example.com", "--kind", "robot", *JAN)
    assert left.value.code == 2


def test_an_organization_is_added_with_its_provider(opora: Any) -> None:
    code, _, error = opora(
        *("organizations", "add", "--name", "Contoso", "--domain", "contoso.example"),
        *("--domain", "contoso.cz", "--issuer", "https://login.contoso.example"),
        *("--client-id", "opora"),
        typed="the client secret\n",
    )
    assert (code, error) == (0, "")
    assert MailDomain.objects.count() == 2
    assert IdentityProvider.objects.get().client_secret == "the client secret"
    again = opora("organizations", "add", "--name", "Other", "--domain", "contoso.cz")
    assert again[0] == 1


@pytest.mark.shows("S14.3")
def test_a_role_in_an_organization_is_given_and_taken(opora: Any) -> None:
    factories.organization("Contoso")
    factories.account("jan@example.com")
    give = ("organizations", "role", "--name", "contoso", "--email", "jan@example.com", "--role")
    assert opora(*give, "manager")[:2] == (0, "jan@example.com is a manager at Contoso\n")
    assert Membership.objects.get().role == "manager"
    assert opora(*give, "none")[:2] == (0, "jan@example.com has no role at Contoso\n")
    assert not Membership.objects.exists()
    code, _, error = opora(*give[:3], "Fabrikam", *give[4:], "member")
    assert (code, error) == (1, "opora: There is no organization with the name Fabrikam.\n")


@pytest.mark.shows("AU-09")
def test_a_token_is_printed_alone_on_its_line(opora: Any) -> None:
    account = factories.account("jan@example.com")
    code, out, _ = opora("tokens", "issue", "--email", "Jan@example.com", "--scope", "read")
    assert code == 0
    assert out.count("\n") == 1
    assert account_for_token(out.strip(), now=timezone.now()) == (account, "read")
    token = ApiToken.objects.get()
    assert (token.expires_at - token.created_at).days == 90


def test_an_address_of_two_kinds_needs_the_kind(opora: Any) -> None:
    company = factories.organization(domains=("contoso.example",))
    factories.account("jan@contoso.example")
    work = factories.account("jan@contoso.example", kind="work", organization=company)
    issue = ("tokens", "issue", "--email", "jan@contoso.example")
    code, out, error = opora(*issue)
    assert (code, out) == (1, "")
    assert "name the kind, one of personal, work" in error
    assert opora(*issue, "--kind", "work")[0] == 0
    assert ApiToken.objects.get().account == work
    assert opora("tokens", "issue", "--email", "nobody@example.com")[0] == 1


@pytest.mark.shows("AU-10")
def test_deactivating_ends_the_account(opora: Any) -> None:
    factories.account("jan@example.com")
    assert opora("accounts", "deactivate", "--email", "jan@example.com")[0] == 0
    assert not Account.objects.get().is_active
    assert opora("tokens", "issue", "--email", "jan@example.com")[0] == 1


@pytest.mark.shows("S8.5")
def test_groups_are_made_filled_and_switched_on(opora: Any) -> None:
    company = factories.organization("Contoso", domains=("contoso.example",))
    for name in ("jan", "eva"):
        made = factories.account(f"{name}@contoso.example", kind="work", organization=company)
        factories.membership(made, company)
    contoso = ("--name", "contoso")

    code, said, _ = opora(
        *("organizations", "group", *contoso, "--group", "Night shift"),
        *("--add", "jan@contoso.example", "--add", "EVA@contoso.example"),
    )
    assert (code, said.splitlines()[0]) == (0, "group Night shift of Contoso has 2 members")
    assert "switched off" in said
    code, said, _ = opora("organizations", "groups", *contoso, "--on")
    assert (code, said.splitlines()) == (
        0,
        [
            "groups of Contoso are switched on",
            "Night shift: eva@contoso.example, jan@contoso.example",
        ],
    )
    opora(
        "organizations",
        "group",
        *contoso,
        "--group",
        "night shift",
        "--remove",
        "jan@contoso.example",
    )
    _, said, _ = opora("organizations", "groups", *contoso, "--json")
    assert said == '{"group": "Night shift", "members": ["eva@contoso.example"]}\n'


@pytest.mark.shows("S8.5")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--name", "Fabrikam", "--group", "X"), "no organization with the name Fabrikam"),
        (
            ("--name", "Contoso", "--group", "X", "--add", "nobody@contoso.example"),
            "nobody@contoso.example is no account of the organization Contoso",
        ),
    ],
)
def test_a_group_of_nobody_known_is_not_made(opora: Any, words: Any, sentence: str) -> None:
    company = factories.organization("Contoso")
    code, _, error = opora("organizations", "group", *words)
    assert code == 1
    assert sentence in error
    assert not company.groups.exists()
