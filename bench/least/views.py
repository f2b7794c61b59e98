"""Every page that is measured, as one short view each."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from jinja2 import Environment

from bench import searching, sql

PRAGUE = ZoneInfo("Europe/Prague")
View = Callable[..., HttpResponse]


def environment(**options: Any) -> Environment:
    made = Environment(**options)
    made.filters["moment"] = lambda at: f"{at.astimezone(PRAGUE):%d. %m. %Y %H:%M}" if at else "–"
    return made


def signed_in(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, **named: str) -> HttpResponse:
        key = request.session.get("account")
        with connection.cursor() as cursor:
            account = sql.account(cursor, key) if key else None
            if account is None:
                return HttpResponse(status=403)
            return view(request, cursor, account, **named)

    return guarded


@signed_in
def home(request: HttpRequest, cursor: Any, account: Any) -> HttpResponse:
    found = {
        "rows": sql.list_of(cursor, account["id"]),
        "figures": sql.figures(cursor, account["id"]),
        "drafts": sql.drafts(cursor, account["id"]),
    }
    return render(request, "list.html", {"account": account, "now": _now(), **found})


@signed_in
def queue(request: HttpRequest, cursor: Any, account: Any) -> HttpResponse:
    if account["kind"] != "agent":
        raise Http404
    words = request.GET.get("q", "")
    rows = (
        searching.search(cursor, account["id"], words)
        if words
        else sql.queue(cursor, account["id"])
    )
    return render(
        request, "queue.html", {"account": account, "now": _now(), "rows": rows, "q": words}
    )


@signed_in
def case(request: HttpRequest, cursor: Any, account: Any, number: str) -> HttpResponse:
    found = sql.case(cursor, account["id"], number)
    if found is None:
        raise Http404
    more = {
        "case": found,
        "messages": sql.messages(cursor, found["id"]),
        "contacts": sql.contacts(cursor, found["id"]),
        "files": sql.files(cursor, found["id"]),
    }
    return render(request, "case.html", {"account": account, **more})


@signed_in
def message(request: HttpRequest, cursor: Any, account: Any, number: str) -> HttpResponse:
    body = request.POST["body"].strip()
    with transaction.atomic():
        if not body or not sql.reply(cursor, account["id"], number, body, _now()):
            raise Http404
    return HttpResponseRedirect(f"/requests/{number}/#end")


@signed_in
def new(request: HttpRequest, cursor: Any, account: Any) -> HttpResponse:
    context = {
        "account": account,
        "key": secrets.token_hex(16),
        "products": sql.products(cursor),
    }
    return render(request, "draft.html", context)


@signed_in
def draft(request: HttpRequest, cursor: Any, account: Any, key: str) -> HttpResponse:
    if sql.draft(cursor, account["id"], key) is None:
        with transaction.atomic():
            sql.open_case(cursor, account["id"], dict(request.POST.items()), _now(), key)
    return HttpResponseRedirect(f"/requests/new/{key}/submitted/")


@signed_in
def submitted(request: HttpRequest, cursor: Any, account: Any, key: str) -> HttpResponse:
    found = sql.receipt(cursor, account["id"], key)
    if found is None:
        raise Http404
    contacts = sql.contacts(cursor, found["id"])
    return render(
        request, "submitted.html", {"account": account, "case": found, "contacts": contacts}
    )


@csrf_exempt
def cases(request: HttpRequest) -> HttpResponse:
    now, key = _now(), request.headers["Idempotency-Key"]
    with connection.cursor() as cursor:
        account = sql.account_of_token(
            cursor, request.headers["Authorization"].removeprefix("Bearer "), now
        )
        if account is None:
            return JsonResponse({"code": "not-authenticated"}, status=401)
        wanted = json.loads(request.body)
        wanted |= {f"primary_contact.{k}": v for k, v in wanted["primary_contact"].items()}
        with transaction.atomic():
            if answer := sql.stored_answer(cursor, account["id"], key):
                return HttpResponse(answer, status=201, content_type="application/json")
            receipt = sql.open_case(cursor, account["id"], wanted, now)
            answer = json.dumps(receipt)
            sql.store_answer(cursor, account["id"], key, request.body, answer, now)
    return HttpResponse(answer, status=201, content_type="application/json")


def _now() -> datetime:
    return datetime.now(UTC)


urlpatterns = [
    path("", home),
    path("desk/", queue),
    path("requests/new/", new),
    path("requests/new/<str:key>/", draft),
    path("requests/new/<str:key>/submitted/", submitted),
    path("requests/<str:number>/", case),
    path("requests/<str:number>/messages/", message),
    path("api/v1/cases", cases),
]
