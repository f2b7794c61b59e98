"""What a client needs to take part: cookies, tokens, addresses, bodies.

`python -m bench.tickets` in an environment that names the database makes them, and writes JSON.
"""

from __future__ import annotations

import json
import secrets
import sys
from datetime import timedelta
from typing import Any

import django

from bench import cast

LEAST_SECRET = "the-least-django-app-guards-nothing"
CLIENTS = 8
CSRF = "a" * 32


def make() -> dict[str, Any]:
    """Tickets per place of a client, for both servers, and what all of them name."""
    from django.db import connection
    from django.utils import timezone

    from opora.accounts.actions import issue_token
    from opora.accounts.models import Account
    from opora.cases.models import CaseReader
    from opora.contracts.models import Contract

    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS django_session (session_key varchar(40) PRIMARY KEY, "
            "session_data text NOT NULL, expire_date timestamptz NOT NULL)"
        )
    version = _covered_version(now)
    tickets = []
    for place in range(CLIENTS):
        submitter = Account.objects.get(pk=cast.SUBMITTERS[place])
        contract = Contract.objects.get(pk=submitter.pk)
        people = {
            "submitter": submitter.pk,
            "old": cast.OLD,
            "ten": cast.TEN,
            "talker": cast.TALKER,
            "replier": cast.REPLIER,
            "agent": 1 + place,
        }
        accounts = {name: Account.objects.get(pk=key) for name, key in people.items()}
        readable = CaseReader.objects.order_by("pk").values_list("case__number", flat=True)
        own = readable.filter(account=cast.REPLIER, is_open=True)
        tickets.append(
            {
                "opora": {name: _session(account, now) for name, account in accounts.items()},
                "least": {name: _least_session(account, now) for name, account in accounts.items()},
                "keys": people,
                "token": issue_token(account=submitter, by=None, now=now),
                "wanted": _wanted(submitter, contract, version),
                "talks": list(readable.filter(account=cast.TALKER)),
                "replies": list(own)[place::CLIENTS],
            }
        )
    return {"tickets": tickets, "csrf": CSRF}


def _covered_version(now: Any) -> Any:
    """A version that the contracts of the benchmark's people cover."""
    from opora.catalog.models import Version
    from opora.catalog.queries import subject_of
    from opora.contracts.eligibility import Question
    from opora.contracts.models import Contract
    from opora.contracts.queries import decision_for
    from opora.core.days import today

    contract = Contract.objects.select_related("plan_version__plan").get(pk=cast.SUBMITTERS[0])
    for version in Version.objects.select_related("product__portal").order_by("pk"):
        question = Question(
            on=today(now), subject=subject_of(version, today(now)), is_production=True, severity="B"
        )
        if not version.product.portal and decision_for(contract, question).usable:
            return version
    raise SystemExit("No version of the catalogue is covered.")


def _session(account: Any, now: Any) -> str:
    """A signed-in session of Opora's; an agent's was opened with a second factor."""
    from allauth.account.internal.flows.login import record_authentication
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.http import HttpRequest

    from opora.accounts.sessions import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session["started_at"], session["user_agent"] = now.isoformat(), "bench"
    if account.is_agent:
        request = HttpRequest()
        request.session = session
        for method in ("password", "mfa"):
            record_authentication(request, account, method)
    session.save()
    return f"sid={session.session_key}; csrf={CSRF}"


def _least_session(account: Any, now: Any) -> str:
    from django.contrib.sessions.serializers import JSONSerializer
    from django.core import signing
    from django.db import connection

    key = secrets.token_hex(16)
    data = signing.dumps(
        {"account": account.pk},
        key=LEAST_SECRET,
        salt="django.contrib.sessions.SessionStore",
        serializer=JSONSerializer,
        compress=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_session VALUES (%s, %s, %s)", [key, data, now + timedelta(days=1)]
        )
    return f"sessionid={key}; csrftoken={CSRF}"


def _wanted(account: Any, contract: Any, version: Any) -> dict[str, Any]:
    """The body of `POST /api/v1/cases`; the form posts the same."""
    return {
        "product": version.product.slug,
        "version": version.slug,
        "title": "Zálohy přestaly chodit po výměně certifikátu",
        "description": "\n".join(
            f"Krok {step}: server po přihlášení hlásí chybu spojení, v protokolu je řádek {step}."
            for step in range(1, 9)
        ),
        "contract": contract.public_id.hex,
        "severity": "B",
        "round_the_clock": False,
        "country": "CZ",
        "time_zone": "Europe/Prague",
        "primary_contact": {
            "given_name": account.person.given_name,
            "family_name": account.person.family_name,
            "email": account.email,
            "preferred_contact": "email",
            "language": "cs",
        },
        "additional_contacts": [],
    }


if __name__ == "__main__":
    django.setup()
    json.dump(make(), sys.stdout)
