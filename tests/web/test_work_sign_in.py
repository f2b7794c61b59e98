"""Work accounts sign in over HTTP against an OpenID provider in a process of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.test import Client

from opora.accounts.actions import add_organization, create_account, deactivate_account
from opora.accounts.errors import IdentityNotAccepted
from opora.accounts.models import Account, IdentityProvider, WorkIdentity
from opora.accounts.queries import accounts_with_address
from opora.core.errors import InvalidInput
from opora.web.work_sign_in import identity_of
from tests import factories
from tests.factories import NOW, PASSWORD
from tests.web.account_pages import follow, sign_in, signed_in_as

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a small OpenID provider that believes whatever it is told."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    try:
        for _ in range(100):
            try:
                requests.get(f"{address}/.well-known/openid-configuration", timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def provider(issuer: str) -> IdentityProvider:
    company = add_organization(
        name="Contoso",
        domains=["contoso.example"],
        issuer=issuer,
        client_id="opora",
        client_secret="a client secret",
        by=None,
        now=NOW,
    )
    return IdentityProvider.objects.get(organization=company)


def leave(client: Client, email: str = "jan@contoso.example", next: str = "") -> str:
    """Start at our page; the provider's address that the browser goes on to."""
    page = client.post("/accounts/work/", {"email": email, "next": next})
    assert page.status_code == 200
    head = page.content.decode().split('http-equiv="refresh" content="0; url=')[1]
    return unescape(head.split('"')[0])


def agree(target: str, issuer: str, subject: str, **claims: Any) -> str:
    """Sign in at the provider; the path of ours it sends the browser back to."""
    said = {"given_name": "Jan", "family_name": "Malý", "email": "jan@contoso.example"} | claims
    requests.put(f"{issuer}/users/{subject}", json=said, timeout=5).raise_for_status()
    answer = requests.post(target, data={"sub": subject}, allow_redirects=False, timeout=5)
    assert answer.status_code == 302
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def enter(client: Client, issuer: str, subject: str = "s-1", **claims: Any) -> Any:
    return client.get(agree(leave(client), issuer, subject, **claims))


@pytest.mark.shows("S5.1", "S5.2", "S8.4")
def test_a_work_address_leads_to_the_organizations_sign_in(
    client: Client, issuer: str, provider: IdentityProvider
) -> None:
    target = leave(client)
    asked = parse_qs(urlsplit(target).query)
    assert target.startswith(f"{issuer}/oauth2/authorize?")
    assert asked["client_id"] == ["opora"]
    assert asked["code_challenge_method"] == ["S256"]
    answer = client.get(agree(target, issuer, "s-1"))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    account = Account.objects.get()
    assert signed_in_as(client) == account.email == "jan@contoso.example"
    assert (account.kind, account.full_name) == ("work", "Jan Malý")
    assert account.organization == provider.organization
    assert accounts_with_address("jan@contoso.example") == [account]
    page = client.get("/settings/welcome/").content.decode()
    assert "Work account" in page
    assert not SocialAccount.objects.exists()
    assert not SocialApp.objects.exists()


@pytest.mark.shows("S5.2")
def test_names_follow_the_provider_at_each_sign_in(
    client: Client, issuer: str, provider: IdentityProvider
) -> None:
    enter(client, issuer)
    enter(Client(), issuer, given_name="Johann")
    assert Account.objects.get().full_name == "Johann Malý"


@pytest.mark.shows("AU-13", "S8.4")
def test_one_address_on_a_personal_and_on_a_work_account_never_links(
    client: Client, issuer: str, provider: IdentityProvider
) -> None:
    personal = create_account(
        email="jan@contoso.example",
        kind="personal",
        given_name="Jan",
        family_name="Malý",
        password=PASSWORD,
        by=None,
        now=NOW,
    )
    enter(client, issuer)
    work = Account.objects.get(kind="work")
    assert client.session["_auth_user_id"] == str(work.pk)
    other = Client()
    sign_in(other, "jan@contoso.example")
    assert other.session["_auth_user_id"] == str(personal.pk)
    assert accounts_with_address("jan@contoso.example") == [personal, work]


@pytest.mark.shows("AU-13")
def test_an_account_made_in_advance_is_bound_at_the_first_sign_in_once(
    client: Client, issuer: str, provider: IdentityProvider
) -> None:
    made = create_account(
        email="jan@contoso.example",
        kind="work",
        given_name="Jan",
        family_name="Malý",
        by=None,
        now=NOW,
    )
    enter(client, issuer, "first", email="JAN@contoso.example")
    assert client.session["_auth_user_id"] == str(made.pk)
    assert WorkIdentity.objects.get().subject == "first"
    other = Client()
    answer = enter(other, issuer, "second")
    assert answer.status_code == 409
    assert signed_in_as(other) == ""
    assert Account.objects.count() == 1


@pytest.mark.shows("AU-13", "S8.4")
@pytest.mark.parametrize(
    "claims",
    [
        {"email": "jan@example.com"},
        {"email": "ceo@fabrikam.example"},
        {"email": "jan@contoso.example", "email_verified": False},
        {"email": '"jan@contoso.example"@evil.example'},
        {"email": ""},
    ],
)
def test_what_the_provider_cannot_vouch_for_makes_no_account(
    client: Client, issuer: str, provider: IdentityProvider, claims: dict[str, Any]
) -> None:
    factories.organization(domains=("fabrikam.example",))
    answer = enter(client, issuer, **claims)
    assert answer.status_code == 409
    assert signed_in_as(client) == ""
    assert not Account.objects.exists()


@pytest.mark.shows("AU-13")
def test_one_organizations_provider_does_not_open_anothers_accounts(
    client: Client, issuer: str, provider: IdentityProvider
) -> None:
    enter(client, issuer, "s-1")
    add_organization(
        name="Fabrikam",
        domains=["fabrikam.example"],
        issuer=issuer,
        client_id="opora",
        client_secret="a client secret",
        by=None,
        now=NOW,
    )
    other = Client()
    answer = other.get(agree(leave(other, "eva@fabrikam.example"), issuer, "s-1"))
    assert answer.status_code == 409  # the same subject, but of another provider
    assert signed_in_as(other) == ""


def test_an_answer_nobody_asked_for_is_refused(
    client: Client, issuer: str, provider: IdentityProvider
) -> None:
    back = agree(leave(client), issuer, "s-1")
    victim = Client()
    answer = victim.get(back)
    assert answer.status_code == 403
    assert signed_in_as(victim) == ""
    assert not Account.objects.exists()


def test_an_answer_works_once(client: Client, issuer: str, provider: IdentityProvider) -> None:
    back = agree(leave(client), issuer, "s-1")
    client.get(back)
    client.post("/accounts/logout/")
    assert client.get(back).status_code == 403
    assert signed_in_as(client) == ""


@pytest.mark.shows("AU-13")
@pytest.mark.parametrize(
    "data",
    [
        {"userinfo": {"sub": "s-1", "email": "jan@contoso.example"}},
        {"id_token": {"iss": "https://evil.example", "sub": "s-1"}},
        {"id_token": {"iss": "ISSUER"}},
        {"id_token": {"iss": "ISSUER", "sub": "s-1"}, "userinfo": {"sub": "s-2"}},
    ],
)
def test_an_answer_of_another_issuer_or_subject_is_no_identity(
    issuer: str, provider: IdentityProvider, data: dict[str, dict[str, str]]
) -> None:
    if data.get("id_token", {}).get("iss") == "ISSUER":
        data = data | {"id_token": data["id_token"] | {"iss": issuer}}
    login = SimpleNamespace(account=SimpleNamespace(provider=provider.slug, extra_data=data))
    with pytest.raises(IdentityNotAccepted):
        identity_of(login)


def test_declining_at_the_provider_leads_back(
    client: Client, issuer: str, provider: IdentityProvider
) -> None:
    target = leave(client)
    answer = requests.post(target, data={"action": "deny"}, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    page = client.get(
        f"{back.path}?{back.query}&state={parse_qs(urlsplit(target).query)['state'][0]}"
    )
    assert page.status_code == 403
    assert "/accounts/login/" in page.content.decode()


@pytest.mark.shows("WB-02")
@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_way_back_stays_on_this_host(
    client: Client, issuer: str, provider: IdentityProvider, wanted: str
) -> None:
    back = agree(leave(client, next=wanted), issuer, "s-1")
    assert client.get(back)["Location"] == "/"


def test_the_way_back_leads_to_the_page_that_was_wanted(
    client: Client, issuer: str, provider: IdentityProvider
) -> None:
    back = agree(leave(client, next="/settings/tokens/"), issuer, "s-1")
    assert client.get(back)["Location"] == "/settings/tokens/"


@pytest.mark.shows("AU-10")
def test_a_deactivated_work_account_is_not_signed_in(
    client: Client, issuer: str, provider: IdentityProvider
) -> None:
    enter(client, issuer)
    deactivate_account(account=Account.objects.get(), by=None, now=NOW)
    assert client.get("/settings/profile/").status_code == 302
    answer = enter(client, issuer)
    assert answer.status_code == 409
    assert signed_in_as(client) == ""


@pytest.mark.shows("AU-03")
def test_the_session_key_changes(client: Client, issuer: str, provider: IdentityProvider) -> None:
    target = leave(client)
    before = client.cookies["sid"].value
    client.get(agree(target, issuer, "s-1"))
    assert client.cookies["sid"].value != before


def test_a_domain_nobody_has_is_said_on_the_form(client: Client) -> None:
    page = client.post("/accounts/work/", {"email": "jan@nobody.example"})
    assert page.status_code == 422
    assert "nobody.example" in page.content.decode()


def test_a_provider_that_does_not_answer_is_said(client: Client) -> None:
    add_organization(
        name="Contoso",
        domains=["contoso.example"],
        issuer="http://127.0.0.1:9",
        client_id="opora",
        by=None,
        now=NOW,
    )
    page = client.post("/accounts/work/", {"email": "jan@contoso.example"})
    assert page.status_code == 503
    assert "does not answer" in page.content.decode()


@pytest.mark.shows("S5.2")
def test_after_signing_in_the_profile_is_asked_for(
    client: Client, issuer: str, provider: IdentityProvider
) -> None:
    page = follow(client, enter(client, issuer))
    assert page.request["PATH_INFO"] == "/settings/welcome/"


class Hostile(BaseHTTPRequestHandler):
    """A provider that a customer runs, and that names addresses inside our house."""

    asked: list[str]
    inside = ""

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/moved/.well-known/openid-configuration":
            self.send_response(302)
            self.send_header("Location", "/inside")
            self.end_headers()
            return
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
        body = json.dumps({"issuer": self.inside} | dict.fromkeys(names, self.inside)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def hostile() -> Iterator[tuple[str, list[str]]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        Hostile.asked, Hostile.inside = [], f"http://127.0.0.2:{server.server_port}/inside"
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield address, Hostile.asked
        server.shutdown()


def at(issuer: str) -> None:
    add_organization(
        name="Contoso",
        domains=["contoso.example"],
        issuer=issuer,
        client_id="opora",
        client_secret="a client secret",
        by=None,
        now=NOW,
    )


@pytest.mark.shows("WH-04")
def test_a_providers_redirect_leads_nowhere(client: Client, hostile: tuple[str, list[str]]) -> None:
    address, asked = hostile
    at(f"{address}/moved")
    page = client.post("/accounts/work/", {"email": "jan@contoso.example"})
    assert page.status_code == 503
    assert asked == ["/moved/.well-known/openid-configuration"]


@pytest.mark.shows("WH-04")
def test_an_address_inside_that_a_provider_names_is_not_called(
    client: Client, hostile: tuple[str, list[str]], settings: Any
) -> None:
    settings.OUTBOUND_NETWORKS = (ip_network("127.0.0.1/32"),)
    address, asked = hostile
    at(address)
    state = parse_qs(urlsplit(leave(client)).query)["state"][0]
    callback = f"/accounts/work/{IdentityProvider.objects.get().slug}/callback/"
    answer = client.get(callback, {"code": "a code", "state": state})
    assert answer.status_code == 403
    assert set(asked) == {"/.well-known/openid-configuration"}
    assert not Account.objects.exists()


def test_a_provider_at_a_private_address_is_kept_only_where_the_operator_lists_it(
    settings: Any,
) -> None:
    with pytest.raises(InvalidInput):
        at("https://10.20.0.5/auth")
    settings.OUTBOUND_NETWORKS = (ip_network("10.20.0.0/16"),)
    at("https://10.20.0.5/auth")
    assert IdentityProvider.objects.get().issuer == "https://10.20.0.5/auth"
