"""Calendar days of the vendor: contracts, phases and asked days are days of one zone (S11.4)."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings


def vendor_zone() -> ZoneInfo:
    """The zone whose midnights begin the days of contracts and support phases."""
    return _zone(settings.VENDOR_TIME_ZONE)


def today(now: datetime) -> date:
    """The vendor's calendar day at the instant `now`."""
    return now.astimezone(vendor_zone()).date()


def begins_at(day: date) -> datetime:
    """The instant at which `day` begins for the vendor."""
    return datetime.combine(day, time.min, tzinfo=vendor_zone())


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
