"""Roles in an organisation: who manages its contracts (S14.3)."""

from __future__ import annotations

import pytest

from opora.accounts.actions import set_role
from opora.accounts.errors import OrganizationNotFound
from opora.accounts.models import Membership
from opora.accounts.queries import organization_named
from opora.core.models import AuditLine
from tests import cast
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.shows("S14.3")
@pytest.mark.parametrize("role", ["manager", "member", None])
def test_a_role_is_given_changed_and_taken(role: str | None) -> None:
    alice, contoso = cast.alice(), cast.contoso()
    for former in ("member", "manager"):
        set_role(organization=contoso, account=alice, role=former, by=None, now=NOW)
    before = AuditLine.objects.count()
    for _ in range(2):
        set_role(organization=contoso, account=alice, role=role, by=None, now=NOW)
    held = list(Membership.objects.filter(account=alice).values_list("role", flat=True))
    assert held == ([role] if role else [])
    # The same again leaves no line.
    assert AuditLine.objects.count() == before + (role != "manager")


def test_an_organization_is_found_by_its_name() -> None:
    contoso = cast.contoso()
    assert organization_named("  CONTOSO ") == contoso
    with pytest.raises(OrganizationNotFound):
        organization_named("Fabrikam")
