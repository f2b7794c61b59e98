"""The same statements with no web layer: one connection a client, nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import ClientCursor

from bench import cast, searching, sql
from bench.flows import MESSAGE, Ticket

Work = Callable[[Any, Ticket, int], None]


def connect(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(url, autocommit=True, cursor_factory=ClientCursor)


def submit(connection: Any, ticket: Ticket, turn: int) -> None:
    cursor, key = connection.cursor(), ticket["keys"]["submitter"]
    draft = secrets.token_hex(16)
    sql.products(cursor)
    sql.draft(cursor, key, draft)
    with connection.transaction():
        sql.open_case(cursor, key, _flat(ticket["wanted"]), _now(), draft)
    sql.contacts(cursor, sql.receipt(cursor, key, draft)["id"])


def post_case(connection: Any, ticket: Ticket, turn: int) -> None:
    cursor = connection.cursor()
    account = sql.account_of_token(cursor, ticket["token"], _now())
    with connection.transaction():
        key = secrets.token_hex(16)
        sql.stored_answer(cursor, account["id"], key)
        receipt = sql.open_case(cursor, account["id"], _flat(ticket["wanted"]), _now())
        sql.store_answer(cursor, account["id"], key, b"", str(receipt), _now())


def list_of(person: str) -> Work:
    def work(connection: Any, ticket: Ticket, turn: int) -> None:
        cursor, key = connection.cursor(), ticket["keys"][person]
        sql.account(cursor, key)
        sql.list_of(cursor, key)
        sql.figures(cursor, key)
        sql.drafts(cursor, key)

    return work


def read_case(connection: Any, ticket: Ticket, turn: int) -> None:
    cursor, key = connection.cursor(), ticket["keys"]["talker"]
    sql.account(cursor, key)
    case = sql.case(cursor, key, ticket["talks"][turn % len(ticket["talks"])])
    for part in (sql.messages, sql.contacts, sql.files):
        part(cursor, case["id"])


def reply(connection: Any, ticket: Ticket, turn: int) -> None:
    cursor, key = connection.cursor(), ticket["keys"]["replier"]
    sql.account(cursor, key)
    with connection.transaction():
        number = ticket["replies"][turn % len(ticket["replies"])]
        sql.reply(cursor, key, number, MESSAGE, _now())


def agent_queue(connection: Any, ticket: Ticket, turn: int) -> None:
    cursor, key = connection.cursor(), ticket["keys"]["agent"]
    sql.account(cursor, key)
    sql.queue(cursor, key)


def search(word: str) -> Work:
    def work(connection: Any, ticket: Ticket, turn: int) -> None:
        cursor, key = connection.cursor(), ticket["keys"]["agent"]
        sql.account(cursor, key)
        searching.search(cursor, key, word)

    return work


WORKS: dict[str, Work] = {
    "submit": submit,
    "post case (API)": post_case,
    "list, 10 cases": list_of("ten"),
    "list, 1,000 cases": list_of("old"),
    "open a case": read_case,
    "reply": reply,
    "agent queue": agent_queue,
    "search, rare word": search(cast.RARE),
    "search, common word": search(cast.COMMON),
}


def _now() -> datetime:
    return datetime.now(UTC)


def _flat(wanted: dict[str, Any]) -> dict[str, Any]:
    return wanted | {f"primary_contact.{k}": v for k, v in wanted["primary_contact"].items()}
