"""Countries, time zones and languages that a profile may hold."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import normalize
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from opora.core.errors import InvalidInput

# What babel lists beside ISO 3166-1: regions without an assigned code, and pseudo-locales.
_NOT_A_COUNTRY = frozenset(
    {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO", "XK", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}
)


@lru_cache
def country_codes() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes."""
    return frozenset(
        code
        for code in map(str, Locale("en").territories)
        if len(code) == 2 and code.isalpha() and code not in _NOT_A_COUNTRY
    )


@lru_cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Whether a time zone has that name: whatever else is typed is never looked for in files."""
    return name in _zones()


@lru_cache
def zone_names() -> tuple[str, ...]:
    """IANA names people choose from: one a region and city, without historical aliases."""
    regions = (
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    )
    territories = get_global("zone_territories")
    return tuple(
        sorted(name for name in _zones() if name.split("/")[0] in regions and name in territories)
    )


@lru_cache
def country_choices(language: str) -> tuple[tuple[str, str], ...]:
    """(code, name) by name in that language, in that language's alphabet."""
    names = Locale(language).territories
    return tuple(
        sorted(((code, names[code]) for code in country_codes()), key=lambda c: _order(c[1]))
    )


def countries() -> tuple[tuple[str, str], ...]:
    """(code, name) in the reader's language."""
    return country_choices((get_language() or "en")[:2])


def country_of_zone(zone: str) -> str:
    """The country whose zone it is ("Europe/Prague": "CZ"); "" for zones of none."""
    code = str(get_global("zone_territories").get(zone, ""))
    return code if code in country_codes() else ""


def checked_profile(
    *, country: str, time_zone: str, language: str, phone: str, company: str
) -> dict[str, str]:
    """The profile's values, tidied; InvalidInput names every field that cannot be taken."""
    country, language = country.strip().upper(), language.strip().lower()
    phone, company = " ".join(phone.split()), " ".join(company.split())
    errors: list[dict[str, str]] = []
    if country not in country_codes():
        errors.append({"field": "country", "message": _("Choose a country.")})
    if not is_zone(time_zone):
        errors.append(
            {"field": "time_zone", "message": _("Choose a time zone, such as Europe/Prague.")}
        )
    if language not in dict(settings.LANGUAGES):
        errors.append({"field": "language", "message": _("Choose Czech or English.")})
    if phone and (len(phone) > 40 or sum(c.isdigit() for c in phone) < 5):
        errors.append(
            {
                "field": "phone",
                "message": _("Enter a phone number, such as +420 601 123 456, or leave it empty."),
            }
        )
    if len(company) > 200:
        errors.append(
            {"field": "company", "message": _("Shorten the company's name to 200 characters.")}
        )
    if errors:
        raise InvalidInput(errors=errors)
    return {
        "country": country,
        "time_zone": time_zone,
        "language": language,
        "phone": phone,
        "company": company,
    }


_CZECH = "aábcčdďeéěfghiíjklmnňoóöpqrřsštťuúůvwxyýzž"


def _order(name: str) -> tuple[list[int], str]:
    """Czech alphabetical order, which also puts English names right; foreign letters by shape."""
    name = name.casefold()
    shapes = (letter if letter in _CZECH else normalize("NFD", letter)[0] for letter in name)
    return [_CZECH.find(shape) for shape in shapes], name
