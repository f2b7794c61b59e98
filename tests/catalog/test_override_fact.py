"""Correcting a fact by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from opora.catalog.actions import override_fact
from opora.catalog.models import Override, Version
from opora.core.errors import InvalidInput
from opora.core.models import AuditLine
from tests import factories

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def overridden(field: str, value: str | int | None, reason: str = "a correction") -> Version:
    return override_fact(
        product="database-server",
        version="2022",
        field=field,
        value=value,
        reason=reason,
        now=NOW,
    )


@pytest.mark.shows("S10.1")
@pytest.mark.parametrize(
    ("field", "value", "fact", "stored"),
    [
        ("mainstream_end", "2029-06-30", "mainstream_ends_on", date(2029, 6, 30)),
        ("mainstream_ends_on", " 2029-06-30 ", "mainstream_ends_on", date(2029, 6, 30)),
        ("extended_end", "null", "extended_ends_on", None),
        ("release_date", None, "released_on", None),
        ("released_on", "2022-01-01", "released_on", date(2022, 1, 1)),
        ("esu_end", "2036-01-01", "security_updates_end_on", date(2036, 1, 1)),
        ("retirement_date", "2030-01-01", "retires_on", date(2030, 1, 1)),
        ("generation", "2", "generation", 2),
        ("generation", 1, "generation", 1),
        ("generation", "", "generation", None),
        ("policy", "modern", "policy", "modern"),
    ],
)
def test_sets_the_fact_by_the_names_of_file_and_api(
    field: str, value: str | int | None, fact: str, stored: Any
) -> None:
    row = factories.version()
    returned = overridden(field, value)

    row.refresh_from_db()
    assert getattr(row, fact) == getattr(returned, fact) == stored
    override = Override.objects.get()
    assert (override.version, override.field, override.reason) == (row, fact, "a correction")
    line = AuditLine.objects.get()
    assert (line.code, line.target_kind, line.at) == ("catalog.overridden", "catalog", NOW)
    assert line.facts["product"] == "database-server"
    assert line.facts["version"] == "2022"
    assert line.facts["field"] == fact
    assert "a correction" not in str(line.facts)


def test_a_second_override_replaces_the_first() -> None:
    row = factories.version()
    overridden("mainstream_end", "2029-06-30")
    overridden("mainstream_ends_on", "2030-06-30", reason="again")
    row.refresh_from_db()
    assert row.mainstream_ends_on == date(2030, 6, 30)
    assert Override.objects.get().reason == "again"


@pytest.mark.parametrize(
    ("field", "value", "reason", "at_fault", "message"),
    [
        (
            "listing",
            "X",
            "r",
            "field",
            "There is no fact “listing”; there are: release_date, mainstream_end, extended_end, "
            "esu_end, retirement_date, generation, policy.",
        ),
        ("mainstream_end", "30.6.2029", "r", "value", "This must be a day, YYYY-MM-DD, or null."),
        ("mainstream_end", "2029-02-29", "r", "value", "This must be a day, YYYY-MM-DD, or null."),
        ("mainstream_end", 2029, "r", "value", "This must be a day, YYYY-MM-DD, or null."),
        ("generation", "-1", "r", "value", "This must be a whole number from 0, or null."),
        ("generation", "²", "r", "value", "This must be a whole number from 0, or null."),
        ("policy", "null", "r", "value", "This must be one of fixed, modern, component, unknown."),
        ("mainstream_end", "2029-06-30", "  ", "reason", "Say why this fact is overridden."),
    ],
)
def test_a_fact_value_or_reason_that_cannot_be_is_refused(
    field: str, value: str | int | None, reason: str, at_fault: str, message: str
) -> None:
    factories.version()
    before = Version.objects.values().get()
    with pytest.raises(InvalidInput) as caught:
        overridden(field, value, reason)
    assert caught.value.errors == [{"field": at_fault, "message": message}]
    assert Version.objects.values().get() == before
    assert not Override.objects.exists()
    assert not AuditLine.objects.exists()


def test_an_unknown_product_or_version_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        overridden("generation", 1)
    assert [error["field"] for error in caught.value.errors] == ["product"]
    factories.version(slug="2019")
    with pytest.raises(InvalidInput) as caught:
        overridden("generation", 1)
    assert [error["field"] for error in caught.value.errors] == ["version"]
