"""The workflow's page as an answer: the draft with one step open."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from opora.accounts.models import Account
from opora.accounts.places import countries
from opora.cases.models import Draft
from opora.portal import page_of_draft, workflow
from opora.portal.door import PortalRequest
from opora.portal.draft_facts import DraftPage
from opora.portal.workflow import Answers


def draft_page(
    request: PortalRequest,
    draft: Draft,
    answers: Answers,
    *,
    step: str,
    problems: dict[str, str] | None = None,
    extra_rows: int = 0,
) -> HttpResponse:
    page = page_of_draft.read_page(
        draft,
        answers,
        request.user,
        open_step=step,
        now=timezone.now(),
        problems=problems,
        extra_rows=extra_rows,
    )
    return render(
        request,
        "portal/draft.html",
        {**context_of(page, request.user), "failed": bool(problems)}
        | {"contract_number": request.POST.get("contract_id", "")},
        status=422 if problems else 200,
    )


def context_of(page: DraftPage, account: Account) -> dict[str, Any]:
    return {
        "page": page,
        "draft": page.draft,
        "draft_id": page.draft.public_id.hex,
        "answers": page.answers,
        "problems": page.problems,
        "field_id": workflow.field_id,
        "limit": settings.ATTACHMENT_LIMIT,
        "countries": countries() if page.open_step == "support" else (),
        "zones": page_of_draft.zones(page.answers["time_zone"])
        if page.open_step == "support"
        else (),
        "contract_number": "",  # typed to add a contract: no draft keeps it, and it is no secret
        "is_on": workflow.is_on(page.answers, account),
    }
