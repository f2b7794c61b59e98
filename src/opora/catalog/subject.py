"""What eligibility looks at of a product version: plain facts, no rows."""

from __future__ import annotations

from dataclasses import dataclass

from opora.catalog.lifecycle import Phase


@dataclass(frozen=True)
class Subject:
    """A product version as it stands on one day.

    `product` and `version` are slugs; `generation` is N = 0, N-1 = 1, …, None where the rule of the
    newest versions does not apply (S10.3).
    """

    product: str
    product_name: str
    version: str
    version_name: str
    deployment: str
    phase: Phase
    generation: int | None
