"""Where agents sit, and what they press."""

from __future__ import annotations

from typing import Any

from django.test import Client

from opora.accounts.models import Account
from opora.cases.models import Case
from opora.core.models import AuditLine
from tests import cast


def seat_of(agent: Account) -> Client:
    """The agent's browser, signed in with the second factor and switched to English."""
    client = cast.signed_in(agent)
    client.cookies["language"] = "en"
    return client


def address_of(case: Case, rest: str = "") -> str:
    return f"/desk/cases/{case.number}/{rest}"


def press(client: Client, case: Case, deed: str, seen: int | None = None, /, **typed: Any) -> Any:
    """Do a deed from a page opened just now, or when the case was at the revision `seen`."""
    if seen is None:
        seen = Case.objects.get(pk=case.pk).revision
    return client.post(address_of(case, deed), {"revision": seen, **typed})


def deeds_on(case: Case) -> list[str]:
    """The audit's codes of a case, in order."""
    lines = AuditLine.objects.filter(target_kind="case", target_id=case.number)
    return list(lines.order_by("pk").values_list("code", flat=True))
