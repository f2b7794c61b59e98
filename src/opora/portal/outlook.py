"""What lies ahead of a contract, as sentences and as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from opora.contracts.outlook import Alert, Forecast
from opora.contracts.usage import Month, Usage
from opora.core import formats
from opora.web.charts import BarChart, Column, bar_chart

FEWEST_MONTHS = 2  # of which a chart says more than a sentence
SINCE = {"cs": "d. M. y", "en": "MMMM y"}  # no Czech month stands after "od" as it is named alone


def alert_words(alert: Alert | None) -> list[str]:
    """What to warn of, a sentence each, in the reader's language."""
    if alert is None:
        return []
    said = []
    if alert.ends_within is not None:
        said.append(_ending(alert.days_left))
    if alert.is_last_incident:
        said.append(_("One incident is left."))
    return said


def forecast_words(forecast: Forecast | None, ends_on: date | None) -> str:
    """Where the pace of lately leads; "" where nobody can say."""
    if forecast is None:
        return ""
    if forecast.days is not None:
        return _used_up(forecast.days)
    return ngettext(
        "At this pace about %(count)s incident will be left when the contract ends on %(day)s.",
        "At this pace about %(count)s incidents will be left when the contract ends on %(day)s.",
        forecast.left_at_end,
    ) % {
        "count": formats.number(forecast.left_at_end),
        "day": formats.day(ends_on) if ends_on else "",
    }


def usage_chart(months: Sequence[Month], *, on: date) -> BarChart | None:
    """Incidents used by month; None for so few months, or so little, that words say it better."""
    if len(months) < FEWEST_MONTHS or not any(month.used for month in months):
        return None
    columns = []
    for position, month in enumerate(months):
        starts_year = position == 0 or month.first_on.month == 1
        columns.append(
            Column(
                label=_month(month.first_on, "LLL"),
                full_label=_month(month.first_on, "LLLL y"),
                value=month.used,
                group=str(month.first_on.year) if starts_year else "",
                is_unfinished=month.first_on == on.replace(day=1),
            )
        )
    return bar_chart(columns)


def usage_words(usage: Usage) -> str:
    """The chart in a sentence: how many, and since when."""
    if not usage.months:
        return ""
    return ngettext(
        "%(count)s incident used since %(month)s.",
        "%(count)s incidents used since %(month)s.",
        usage.used,
    ) % {
        "count": formats.number(usage.used),
        "month": _month(usage.months[0].first_on, SINCE[formats.language()]),
    }


def _ending(days_left: int) -> str:
    if days_left == 0:
        return _("The contract ends today.")
    return ngettext(
        "The contract ends in %(count)s day.",
        "The contract ends in %(count)s days.",
        days_left,
    ) % {"count": days_left}


def _used_up(days: int) -> str:
    """In the unit that fits how little anybody knows: days for two weeks, weeks for two months."""
    if days < 14:
        return ngettext(
            "At this pace all incidents are used up in about %(count)s day.",
            "At this pace all incidents are used up in about %(count)s days.",
            days,
        ) % {"count": days}
    if days < 70:
        weeks = round(days / 7)
        return ngettext(
            "At this pace all incidents are used up in about %(count)s week.",
            "At this pace all incidents are used up in about %(count)s weeks.",
            weeks,
        ) % {"count": weeks}
    months = round(days / 30.4)
    return ngettext(
        "At this pace all incidents are used up in about %(count)s month.",
        "At this pace all incidents are used up in about %(count)s months.",
        months,
    ) % {"count": months}


def _month(first_on: date, pattern: str) -> str:
    return format_date(first_on, pattern, locale=formats.language())
