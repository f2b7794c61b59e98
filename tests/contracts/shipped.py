"""The plans that ship inside the package, for tests of the rules and of the deeds."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from opora.catalog.lifecycle import Phase
from opora.catalog.subject import Subject
from opora.contracts.eligibility import Standing
from opora.contracts.terms import Terms

CODES = (
    "partner-on-premises-20",
    "partner-cloud-50",
    "partner-cloud-5",
    "partner-cloud-2",
    "visual-studio-enterprise-4",
    "visual-studio-professional-2",
    "assurance-24x7",
    "ppi-1",
    "ppi-5",
)
TODAY = date(2026, 11, 23)


@cache
def document() -> Any:
    return json.loads((files("opora.contracts") / "data" / "plans.json").read_text("utf-8"))


@cache
def terms(code: str) -> Terms:
    return Terms.read(next(plan for plan in document()["plans"] if plan["code"] == code))


def standing(**facts: Any) -> Standing:
    """A contract with incidents left, in the middle of its term."""
    usual: dict[str, Any] = {
        "plan": {"cs": "Plán", "en": "Plan"},
        "activated_on": date(2026, 1, 15),
        "starts_on": date(2026, 1, 15),
        "ends_on": date(2027, 1, 14),
        "is_suspended": False,
        "is_cancelled": False,
        "incidents_left": 3,
    }
    return Standing(**(usual | facts))


def subject(
    deployment: str = "on_premises",
    phase: Phase = Phase.MAINSTREAM,
    generation: int | None = None,
    product: str = "product",
) -> Subject:
    return Subject(
        product=product,
        product_name="Product",
        version="version",
        version_name="Version",
        deployment=deployment,
        phase=phase,
        generation=generation,
    )
