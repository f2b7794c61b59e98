"""What a contract's pages show, gathered in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from opora.accounts.models import Account
from opora.billing.models import Purchase
from opora.cases.queries import readable_numbers
from opora.contracts.eligibility import Question, decide
from opora.contracts.models import Contract, Registration
from opora.contracts.outlook import alert_for, forecast
from opora.contracts.queries import StatementLine, standing_of, statement, status_of, terms_of
from opora.contracts.sharing import registrants_of
from opora.contracts.statements import OpenContract
from opora.contracts.usage import usage_of
from opora.core.days import today
from opora.core.paging import Page
from opora.portal.coverage import plain_coverage
from opora.portal.outlook import alert_words, forecast_words, usage_chart, usage_words

NEWEST = 8  # lines of the statement on the contract's own page
A_PAGE = 50  # lines on the statement's
MOST_REGISTRANTS = 50


def condition(contract: Contract, on: date) -> dict[str, Any]:
    """The contract's state, why it cannot be used, what to warn of, and what it covers. No
    statement if the plan is loaded."""
    terms, standing = terms_of(contract), standing_of(contract)
    return {
        "contract": contract,
        "contract_key": contract.public_id.hex,
        "status": status_of(contract, on),
        "decision": decide(terms, standing, Question(on=on)),
        "days_left": (contract.ends_on - on).days if contract.ends_on else None,
        "alerts": alert_words(alert_for(standing, contract.incidents_granted, on)),
        "covers": plain_coverage(terms),
    }


def contract_page(opened: OpenContract, account: Account, *, now: datetime) -> dict[str, Any]:
    """The contract's own page: condition, use by month with a forecast, the newest entries."""
    contract, on = opened.contract, today(now)
    usage = usage_of(contract, now=now)
    ahead = forecast(standing_of(contract), usage.pace, on)
    lines = statement(contract, account, limit=NEWEST)
    return condition(contract, on) | {
        "opened": opened,
        "usage": usage,
        "chart": usage_chart(usage.months, on=on),
        "chart_said": usage_words(usage),
        "chart_returned": [month.returned for month in usage.months],
        "forecast": forecast_words(ahead, contract.ends_on),
        "purchase": _bought_as(contract, account),
        **_statement(lines, account),
    }


def statement_page(
    opened: OpenContract, account: Account, asked: Mapping[str, str], *, now: datetime
) -> dict[str, Any]:
    """The whole statement, by pages, newest first; for managers with who registered it."""
    contract = opened.contract
    lines = statement(contract, account, asked.get("after"), limit=A_PAGE)
    registrants: Page[Registration] = (
        registrants_of(contract, limit=MOST_REGISTRANTS, live=True)
        if opened.is_manager
        else Page([])
    )
    return condition(contract, today(now)) | {
        "opened": opened,
        "is_first": "after" not in asked,
        "registrants": registrants,
        "now": now,
        **_statement(lines, account),
    }


def _bought_as(contract: Contract, account: Account) -> Purchase | None:
    """The account's own purchase that brought the contract. Only what has no Access ID can have
    been bought (S7.5); of all else nothing is asked."""
    if contract.access_id_hash:
        return None
    return Purchase.objects.filter(account=account, contract=contract).first()


def _statement(lines: Page[StatementLine], account: Account) -> dict[str, Any]:
    readable = readable_numbers(account, (line.case_number for line in lines.items))
    return {"lines": lines, "readable": readable}
