"""Loading plans: data in, immutable versions out (S11.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from opora.contracts.models import Plan, PlanVersion
from opora.contracts.plan_files import PlanRow, read_plans


@dataclass(frozen=True)
class PlansReport:
    """How many plans a file has, and the codes whose terms are new."""

    plans: int
    new_terms: tuple[str, ...]


@transaction.atomic
def load_plans(document: Any, now: datetime) -> PlansReport:
    """Load a plans file; twice changes nothing. Other terms make a new version, names do not.

    Plans the file does not name stay. Raises InvalidInput with a JSON pointer per error; then
    nothing is loaded.
    """
    rows = read_plans(document)
    known = {plan.code: plan for plan in Plan.objects.locked().select_related("current")}
    changed = [row.code for row in rows if _load(row, known.get(row.code), now=now)]
    return PlansReport(plans=len(rows), new_terms=tuple(changed))


def _load(row: PlanRow, plan: Plan | None, *, now: datetime) -> bool:
    """Bring one plan up to its row; whether its terms are new."""
    if plan is None:
        plan = Plan(code=row.code)
    about = {
        "names": row.names,
        "aliases": row.aliases,
        "programme": row.programme,
        "legacy": row.legacy,
    }
    if plan.pk is None or any(getattr(plan, name) != value for name, value in about.items()):
        for name, value in about.items():
            setattr(plan, name, value)
        plan.save()
    if plan.current is not None and plan.current.terms == row.terms:
        return False
    number = plan.current.number + 1 if plan.current else 1
    plan.current = PlanVersion.objects.create(
        plan=plan, number=number, terms=row.terms, created_at=now
    )
    plan.save(update_fields=["current"])
    return True
