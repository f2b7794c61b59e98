"""Names and the profile."""

from __future__ import annotations

import pytest

from opora.accounts.actions import change_name, save_profile
from opora.accounts.places import countries, country_codes, country_of_zone, zone_names
from opora.core.errors import InvalidInput
from tests import factories
from tests.factories import NOW

PLACE = {"country": "DE", "time_zone": "Europe/Berlin", "language": "cs"}


@pytest.mark.django_db
@pytest.mark.shows("S5.2")
def test_the_first_saving_completes_the_profile() -> None:
    account = factories.account(profile_completed_at=None)
    save_profile(account=account, **PLACE, phone=" +49 30 123456 ", by=account, now=NOW)
    account.refresh_from_db()
    assert (account.country, account.time_zone, account.language) == ("DE", "Europe/Berlin", "cs")
    assert account.phone == "+49 30 123456"
    assert account.profile_completed_at == NOW


@pytest.mark.django_db
def test_every_wrong_value_is_named_and_nothing_is_kept() -> None:
    account = factories.account(profile_completed_at=None)
    with pytest.raises(InvalidInput) as refused:
        save_profile(
            account=account,
            country="",
            time_zone="UTC+1",
            language="xx",
            phone="?",
            by=account,
            now=NOW,
        )
    named = [error["field"] for error in refused.value.errors]
    assert named == ["country", "time_zone", "language", "phone"]
    account.refresh_from_db()
    assert account.country == "CZ"
    assert not account.has_profile


@pytest.mark.django_db
@pytest.mark.shows("S5.2")
def test_a_work_account_types_only_what_its_provider_left_out() -> None:
    account = factories.account(
        "jan@contoso.example",
        kind="work",
        organization=factories.organization(domains=("contoso.example",)),
        given_name="Jan",
        family_name="",
    )
    change_name(account=account, given_name="Honza", family_name="Malý", by=account, now=NOW)
    assert account.full_name == "Jan Malý"


@pytest.mark.django_db
@pytest.mark.shows("S5.2")
def test_a_personal_account_changes_its_name() -> None:
    account = factories.account(given_name="Jan")
    change_name(account=account, given_name=" Jana ", family_name="Malá", by=account, now=NOW)
    account.person.refresh_from_db()
    assert account.full_name == "Jana Malá"
    with pytest.raises(InvalidInput):
        change_name(account=account, given_name=" ", family_name="Malá", by=account, now=NOW)


@pytest.mark.rules
def test_countries_are_those_of_iso_3166_in_the_readers_language() -> None:
    from django.utils import translation

    assert len(country_codes()) == 249
    with translation.override("cs"):
        names = [name for _, name in countries()]
    assert names[:3] == ["Afghánistán", "Ålandy", "Albánie"]
    assert names.index("Cookovy ostrovy") < names.index("Čad") < names.index("Dánsko")


@pytest.mark.rules
def test_zones_are_offered_under_their_present_names() -> None:
    assert "Europe/Prague" in zone_names()
    assert "Europe/Kyiv" in zone_names()
    assert "Etc/GMT+1" not in zone_names()
    assert country_of_zone("Europe/Prague") == "CZ"
    assert country_of_zone("UTC") == ""
