"""What an account asked about lately, to be chosen again."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import BigIntegerField

from opora.accounts.models import Account
from opora.cases.models import CaseReader
from opora.core.prepared import Param, Prepared

LOOKED_AT = 20  # cases with the latest activity
MOST_RECENT = 4


class RecentVersion(NamedTuple):
    """A version by its ids, with its name."""

    product: str
    version: str
    name: str


def recent_versions(account: Account) -> list[RecentVersion]:
    """The versions that the account's requests with the latest activity are about, each once, at
    most four. One statement."""
    rows = _LATEST.rows(account=account.pk, limit=LOOKED_AT)
    return list(dict.fromkeys(RecentVersion(*row) for row in rows))[:MOST_RECENT]


_LATEST: Prepared[tuple[str, str, str]] = Prepared(
    lambda: (
        CaseReader.objects.filter(account=Param("account", BigIntegerField()))
        .order_by("-last_activity_at", "-case")
        .values_list("case__product__slug", "case__version__slug", "case__version__name")
    ),
    limited=True,
)
