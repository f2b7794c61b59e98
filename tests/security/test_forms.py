"""Forms that come from elsewhere, and answers that lead elsewhere."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from tests import factories
from tests.architecture.world import routes
from tests.cast import alice, signed_in, whole_cast
from tests.security.every_answer import visits
from tests.security.payloads import WAYS_OUT

pytestmark = pytest.mark.django_db

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
NOTICES = "payments/<slug:provider>/notices/"  # a provider sends these, and signs them


def strict(client: Client) -> Client:
    """The same browser, before a server that looks at the forms' tokens."""
    made = Client(enforce_csrf_checks=True)
    made.cookies = client.cookies
    return made


@pytest.mark.slow("posts to every page eight ways")
@pytest.mark.shows("WB-01")
def test_no_form_is_taken_without_its_token_or_from_elsewhere() -> None:
    for seen in visits():
        if seen.is_program or seen.address.startswith("api/") or seen.address == NOTICES:
            continue
        browser = strict(seen.client)
        for method in UNSAFE:
            answer = browser.generic(method, seen.path)
            assert answer.status_code == 403, f"{method} {seen.path} without a token"
        browser.get("/signed-out/")
        for method in UNSAFE:
            answer = browser.generic(
                method,
                seen.path,
                headers={
                    "X-CSRFToken": browser.cookies["csrf"].value,
                    "Origin": "https://evil.example",
                },
            )
            assert answer.status_code == 403, f"{method} {seen.path} from elsewhere"


@pytest.mark.shows("WB-01")
def test_calls_know_nobody_by_a_cookie() -> None:
    """So a form elsewhere that posts to the API posts as nobody."""
    people = whole_cast()
    browser = signed_in(people.alice)
    for seen in visits(people):
        if seen.is_program:
            for method in ("GET", *UNSAFE):
                answer = browser.generic(method, seen.path)
                assert answer.status_code in (401, 405), (method, seen.path)


@pytest.mark.shows("WB-01")
@pytest.mark.rules
def test_only_calls_do_without_the_token() -> None:
    """And notices of payment providers, which are signed instead (WH-05)."""
    without = [a for a, view in routes() if getattr(view, "csrf_exempt", False)]
    assert [address for address in without if not address.startswith("api/v1/")] == [NOTICES]


@pytest.mark.slow("sixty ways out, at every place that takes one")
@pytest.mark.shows("WB-02")
def test_no_address_leads_out_of_the_house() -> None:
    cache.clear()  # signing in so often is slowed down
    person = alice()
    for target in WAYS_OUT:
        browser = signed_in(person)
        for path in ("/language/", "/appearance/", "/accounts/logout/"):
            answer: Any = browser.post(
                path, {"next": target, "language": "en", "appearance": "dark"}
            )
            assert_stays(answer, path, target)
        entering = Client()
        typed = {"login": person.email, "password": factories.PASSWORD, "next": target}
        assert_stays(entering.post("/accounts/login/", typed), "/accounts/login/", target)
        cache.clear()


def assert_stays(answer: Any, path: str, target: str) -> None:
    """Read as browsers do: control characters dropped, backslashes turned."""
    location = re.sub(r"[\x00-\x20]", "", answer.get("Location", "/")).replace("\\", "/")
    leads_to = urlsplit(urljoin(f"http://testserver{path}", location))
    assert (leads_to.scheme, leads_to.netloc) == ("http", "testserver"), (path, target, location)
