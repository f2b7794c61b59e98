"""Evidence: one line a deed, ids and codes only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from opora.core.models import AuditLine
from opora.core.prepared import insert


def record(
    code: str,
    *,
    target: tuple[str, object],
    by: int | None,
    at: datetime,
    **facts: Any,
) -> None:
    """Write that a deed was done, in the deed's transaction.

    `code` is dotted and past tense (`case.opened`); `target` is (kind, id) with the id the outside
    knows (`("case", number)`, `("contract", public_id.hex)`); `by` is the account's key, None for
    Opora itself; `facts` are ids and codes, never names or free text.
    """
    kind, target_id = target
    insert(
        AuditLine(
            at=at,
            actor_id=by,
            code=code,
            target_kind=kind,
            target_id=str(target_id),
            facts=_plain(facts),
        )
    )


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
