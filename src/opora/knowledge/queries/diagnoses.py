"""Guided diagnoses: which there are for a reader, and where a path of answers stands."""

from __future__ import annotations

from opora.accounts.models import Account
from opora.core.errors import NotFound
from opora.knowledge.models import Diagnosis, audiences_of


def diagnoses_for(reader: Account | None, *, product: str = "") -> list[Diagnosis]:
    """The diagnoses for a reader, those about `product` (a slug) only if it is given, in the order
    of the file. One statement."""
    rows = Diagnosis.objects.filter(audience__in=audiences_of(reader)).select_related("product")
    if product:
        rows = rows.filter(product__slug=product)
    return list(rows.order_by("position", "pk"))


def diagnosis_for(reader: Account | None, slug: str) -> Diagnosis:
    """The diagnosis of that id; one that is not for this reader is NotFound."""
    rows = Diagnosis.objects.filter(audience__in=audiences_of(reader)).select_related("product")
    found = rows.filter(slug=slug).first()
    if found is None:
        raise NotFound
    return found
