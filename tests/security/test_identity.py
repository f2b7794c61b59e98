"""Who somebody is never follows from a header; what a guess tells (SECURITY, identity)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from opora.accounts.models import Account
from opora.contracts.actions import issue_contracts
from opora.core.models import AuditLine, Throttle
from opora.notifications.letters import as_mail
from tests import factories
from tests.architecture.world import path_of, table
from tests.cast import alice, bearer, eve, signed_in
from tests.factories import NOW, PASSWORD
from tests.web.account_pages import account_letters

pytestmark = pytest.mark.django_db


@pytest.mark.shows("AU-08")
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "testserver.evil.example"},
        {"Host": "testserver@evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "testserver:80 evil.example"},
        {"Host": ""},
    ],
)
def test_a_foreign_host_gets_no_page_and_no_mail(headers: dict[str, str]) -> None:
    alice()
    for path in ("/accounts/password/reset/", "/accounts/signup/", "/signed-out/"):
        for method in ("GET", "POST"):
            answer = Client().generic(
                method, path, "email=alice@example.com", "application/x-www-form-urlencoded",
                headers=headers,
            )  # fmt: skip
            assert answer.status_code == 400, (method, path)
            assert b"evil.example" not in b"".join(answer)
    assert account_letters() == []


@pytest.mark.shows("AU-08")
def test_links_in_mails_follow_from_configuration_alone(settings: Any) -> None:
    alice()
    settings.PUBLIC_URL = "https://support.example.com"
    Client().post(
        "/accounts/password/reset/",
        {"email": "alice@example.com"},
        headers={
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Proto": "http",
            "X-Original-Host": "evil.example",
            "Forwarded": "host=evil.example",
        },
    )
    (letter,) = account_letters()
    assert letter.link.startswith("https://support.example.com/accounts/password/reset/key/")
    mail: EmailMultiAlternatives = as_mail(letter, job_id=1)
    assert "evil.example" not in mail.message().as_string()


NAMES = (
    "Remote-User", "X-Remote-User", "X-Forwarded-User", "X-Forwarded-Email", "X-Auth-Request-Email",
    "X-Auth-Request-User", "X-User", "X-Email", "X-Authenticated-User", "X-Webauth-User",
    "Ssl-Client-S-Dn", "X-Ssl-Client-Dn", "X-Client-Cert", "Cf-Access-Authenticated-User-Email",
    "X-Goog-Authenticated-User-Email", "X-Ms-Client-Principal-Name", "X-Original-User",
)  # fmt: skip


def with_server_words(words: dict[str, Any]) -> Client:
    """A client whose server says these words to the application."""
    return Client(**words)


@pytest.mark.shows("AU-12")
@pytest.mark.parametrize("name", NAMES)
def test_no_header_says_who_somebody_is(name: str) -> None:
    """Spelled with hyphens or underscores, as a header or as a server's own word."""
    person = alice()
    for client in (
        Client(headers={name: person.email}),
        Client(headers={name: str(person.pk)}),
        with_server_words({name.upper().replace("-", "_"): person.email}),
        with_server_words({"HTTP_" + name.upper().replace("-", "_"): person.email}),
    ):
        assert client.get("/")["Location"].startswith("/accounts/login/")
        assert client.get("/settings/profile/").status_code == 302
        assert client.get("/api/v1/me").status_code == 401


@pytest.mark.shows("AU-12", "AU-09")
@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "Bearer null", "Bearer undefined", "Basic YWxpY2U6eA==", "Token x",
     "bearer\x00x", "Bearer opora_", "Bearer " + "a" * 10_000, "Bearer é"],
)  # fmt: skip
def test_what_is_no_token_is_nobody(given: str) -> None:
    bearer(alice())
    answer = Client(headers={"Authorization": given}).get("/api/v1/me")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.shows("AU-01", "EN-02")
def test_a_forwarded_address_resets_no_count_of_wrong_pairs() -> None:
    """Ten wrong pairs an hour for an account, whatever it says about where it comes from."""
    factories.plan_version("plan")
    issue_contracts(plan_code="plan", holder="Contoso", by=None, now=NOW)
    program = bearer(alice())
    statuses: Counter[int] = Counter()
    for number in range(14):
        answer = program.post(
            "/api/v1/contracts",
            {"access_id": "A" * 20, "contract_id": f"{number:012d}"},
            content_type="application/json",
            headers={
                "X-Forwarded-For": f"203.0.113.{number}",
                "X-Real-Ip": f"203.0.113.{number}",
                "Forwarded": f"for=203.0.113.{number}",
                "X-Client-Ip": f"203.0.113.{number}",
            },
        )
        statuses[answer.status_code] += 1
    assert statuses == {404: 10, 429: 4}
    networks = Throttle.objects.filter(key__startswith="register:network:")
    assert [row.key for row in networks] == ["register:network:127.0.0.0/24"]


@pytest.mark.shows("AU-01")
@pytest.mark.parametrize(
    ("trusted", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (2, "10.9.9.9, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "192.0.2.1", ""),
    ],
)
def test_of_forwarded_addresses_only_the_trusted_one_counts(
    settings: Any, rf: Any, trusted: int, forwarded: str, expected: str
) -> None:
    from opora.web.network import address_of

    settings.TRUSTED_PROXIES = trusted
    request = rf.get("/", headers={"X-Forwarded-For": forwarded})
    assert address_of(request) == expected


@pytest.mark.shows("EN-02", "EN-01")
def test_ten_thousand_guesses_from_everywhere_are_hardly_judged_and_sound_the_alarm() -> None:
    """One account, a hundred networks: no more than ten are judged; the rest is told to wait."""
    factories.plan_version("plan")
    (issued,) = issue_contracts(plan_code="plan", holder="Contoso", by=None, now=NOW)
    browser = signed_in(alice())
    told = Counter[str]()
    for number in range(60):
        page = browser.post(
            "/contracts/new/",
            {"access_id": "B" * 20, "contract_id": str(issued.contract.contract_id)},
            REMOTE_ADDR=f"198.51.{number}.1",
        )
        told["wait" if page.status_code == 429 or b"too often" in page.content else "judged"] += 1
    judged = Throttle.objects.filter(key__startswith="register:account:").get().count
    assert judged == 10
    assert AuditLine.objects.filter(code__contains="guess").exists() or _alarms()


def _alarms() -> bool:
    codes = set(AuditLine.objects.values_list("code", flat=True))
    return any("throttle" in code or "tries" in code for code in codes)


@pytest.mark.shows("EN-04", "EN-03")
def test_known_and_unknown_addresses_cost_the_same_hashes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sign-in, sign-up and reset do the same work for both (medians are the long run's)."""
    alice()
    work: Counter[str] = Counter()
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        work[at] += 1
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    for path, fields in (
        ("/accounts/login/", {"password": "not the password at all"}),
        ("/accounts/password/reset/", {}),
        (
            "/accounts/signup/",
            {"password1": PASSWORD, "password2": PASSWORD, "given_name": "A", "family_name": "B"},
        ),
    ):
        for email in ("alice@example.com", "nobody@example.com"):
            cache.clear()
            at = f"{path} {email}"
            name = "login" if "login" in path else "email"
            Client().post(path, fields | {name: email})
        pair = [work[f"{path} {email}@example.com"] for email in ("alice", "nobody")]
        assert pair[0] == pair[1], (path, pair)


@pytest.mark.shows("EN-05")
def test_number_and_address_together_open_nothing() -> None:
    case = factories.case(submitted_by=alice())
    for client in (Client(), signed_in(factories.account())):
        for path in (
            f"/requests/{case.number}/?email=alice@example.com",
            f"/requests/{case.number}/?contact=alice@example.com&number={case.number}",
            f"/api/v1/cases/{case.number}?email=alice@example.com",
        ):
            answer = client.get(path)
            assert answer.status_code in (302, 401, 404), path
            assert case.title.encode() not in b"".join(answer)


@pytest.mark.shows("AU-10")
def test_every_door_closes_with_the_account() -> None:
    from opora.accounts.actions import deactivate_account

    person = alice()
    case = factories.case(submitted_by=person)
    browser, program = signed_in(person), bearer(person)
    assert browser.get(f"/requests/{case.number}/").status_code == 200
    assert program.get("/api/v1/me").status_code == 200
    deactivate_account(account=person, by=None, now=NOW)
    assert browser.get(f"/requests/{case.number}/").status_code == 302
    assert program.get("/api/v1/me").status_code == 401
    assert program.get(f"/api/v1/cases/{case.number}").status_code == 401


@pytest.mark.shows("AC-17", "AC-18")
@pytest.mark.parametrize("has_administrator", [False, True])
def test_nobody_becomes_staff_over_http(has_administrator: bool) -> None:
    """There is no door for setting up: before the first administrator as little as after."""
    if has_administrator:
        eve()
    known = set(Account.objects.values_list("pk", flat=True))
    wanted = (
        {"kind": "administrator", "role": "administrator", "is_agent": "on"}
        | {"is_staff": "on", "is_superuser": "on", "is_administrator": "true"}
        | {"given_name": "Mallory", "family_name": "M", "email": "m@example.com"}
        | {"password1": PASSWORD, "password2": PASSWORD, "password": PASSWORD}
    )
    for address, (who, parts) in table().items():
        if who == "public":
            known_parts = {name: kind.lstrip("=") for name, kind in parts.items()}
            for said in (wanted, {}):
                path = path_of(address, known_parts)
                Client(raise_request_exception=False).post(path, said)
                Client(raise_request_exception=False).get(path, said)
    for guess in ("setup", "install", "getting-started", "admin", "admin/login", "api/v1/setup"):
        assert Client().get(f"/{guess}/").status_code == 404, guess
        assert Client().post(f"/{guess}/", wanted).status_code == 404, guess
    made = Account.objects.exclude(pk__in=known)
    assert {(account.kind, account.email_key) for account in made} <= {
        ("personal", "m@example.com")
    }
    assert Account.objects.filter(kind="administrator").count() == int(has_administrator)
