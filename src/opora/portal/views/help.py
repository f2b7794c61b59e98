"""Help oneself: articles and guided diagnoses, open to everybody as far as their audience is."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode

from django.contrib import messages as flashes
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from opora.accounts.models import Account
from opora.cases.actions import discard_draft, save_draft
from opora.cases.models import Draft
from opora.cases.queries import draft_for, draft_or_new
from opora.catalog.errors import UnknownProduct
from opora.catalog.queries import product_for
from opora.core.errors import NotFound
from opora.core.ids import parse_public_id
from opora.knowledge.actions import count_self_help, give_feedback
from opora.knowledge.diagnosis import Guide, walk
from opora.knowledge.queries import (
    article_for,
    articles_about,
    articles_found,
    diagnoses_for,
    diagnosis_for,
    is_solved,
    products_with_articles,
)
from opora.portal import self_help, workflow
from opora.portal.door import PortalRequest, for_customers
from opora.web.network import address_of
from opora.web.sign_in import has_second_factor


def reader_of(request: HttpRequest) -> Account | None:
    """Who reads. An agent counts once the second factor was shown (AU-11)."""
    account = request.user
    if not isinstance(account, Account):
        return None
    return account if not account.is_agent or has_second_factor(request) else None


@login_not_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Search, diagnoses, and articles by product."""
    reader = reader_of(request)
    query = request.GET.get("q", "").strip()[:400]
    slug = request.GET.get("product", "")
    products = products_with_articles(reader)
    product = next((one for one, _count in products if one.slug == slug), None)
    if query:
        hits = articles_found(query, reader=reader, product=slug)
    else:
        hits = articles_about(reader, product.slug if product else "")
    return render(
        request,
        "portal/help.html",
        {
            "q": query,
            "product": product,
            "products": products,
            "hits": hits,
            "diagnoses": diagnoses_for(reader, product=product.slug if product else "")
            if not query
            else [],
            "draft_id": _draft_id(request),
        },
    )


@login_not_required
@require_GET
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """One article. From a support request being written, with the way back to it."""
    page = article_for(reader_of(request), slug)
    return render(
        request,
        "portal/article.html",
        {
            "page": page,
            "edition": page.edition,
            "draft_id": _draft_id(request),
            "was_rated": request.GET.get("rated", ""),
        },
    )


@login_not_required
@require_POST
def feedback(request: HttpRequest, slug: str) -> HttpResponse:
    """Did this help?"""
    reader = reader_of(request)
    page = article_for(reader, slug)
    give_feedback(
        edition=page.edition,
        helped=request.POST.get("helped") == "yes",
        by=reader,
        network=address_of(request),
        now=timezone.now(),
    )
    rated = {"rated": "yes" if request.POST.get("helped") == "yes" else "no"}
    if draft_id := _draft_id(request):
        rated["draft"] = draft_id
    return redirect(f"{reverse('portal:article', args=[slug])}?{urlencode(rated)}#helped")


@login_not_required
@require_GET
def diagnosis(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the answers in the address lead: the next question, or what was found."""
    reader = reader_of(request)
    found = diagnosis_for(reader, slug)
    answers = [one for one in request.GET.get("path", "").split(".") if one]
    if answer := request.GET.get("answer"):
        answers.append(answer)
    stand = walk(Guide.of(found.document), answers)
    conclusion = None
    if stand.here.article:
        with suppress(NotFound):  # withdrawn meanwhile: what the conclusion says still stands
            conclusion = article_for(reader, stand.here.article)
    path = ".".join(stand.path)
    carried = urlencode({"diagnosis": slug, "path": path})
    return render(
        request,
        "portal/diagnosis.html",
        {
            "diagnosis": found,
            "stand": stand,
            "path": path,
            "back": ".".join(stand.path[:-1]),
            "conclusion": conclusion,
            "draft_id": _draft_id(request),
            "request_address": f"{reverse('portal:new')}?{carried}",
        },
    )


# --- Support requests being written --------------------------------------------------------------


@require_POST
@for_customers
def suggestions(request: PortalRequest, draft_id: str) -> HttpResponse:
    """What may solve the problem as far as it is typed. Reads only."""
    found = draft_or_new(request.user, draft_id)
    answers = workflow.merged(
        workflow.with_defaults(found.answers, request.user), request.POST, request.user
    )
    return render(
        request,
        "portal/_suggestions.html",
        {"suggested": self_help.suggested(request.user, answers), "draft_id": draft_id},
    )


@require_http_methods(["GET", "POST"])
@for_customers
def solved(request: PortalRequest, draft_id: str) -> HttpResponse:
    """ "This solved it": the draft ends, no incident is used, and it is counted (P10)."""
    if request.method == "GET":
        if is_solved(request.user, draft_id):
            return render(request, "portal/solved.html")
        return redirect("portal:draft", draft_for(request.user, draft_id).public_id.hex)
    if is_solved(request.user, draft_id):
        return redirect("portal:solved", draft_id)
    found = draft_for(request.user, draft_id)
    if found.case_id is not None:
        return redirect("portal:submitted", draft_id)
    page = article_for(request.user, request.POST.get("article", ""))
    try:
        product = product_for(found.answers.get("product", ""))
    except UnknownProduct:
        product = None
    now = timezone.now()
    count_self_help(
        article=page.article, draft_id=found.public_id, product=product, by=request.user, now=now
    )
    discard_draft(account=request.user, draft=found, now=now)
    return redirect("portal:solved", draft_id)


@require_POST
@for_customers
def carry_over(request: PortalRequest, draft_id: str) -> HttpResponse:
    """What a diagnosis learned goes into the description of the draft it was opened from."""
    found = draft_or_new(request.user, draft_id)
    if found.case_id is not None:
        return redirect("portal:submitted", draft_id)
    before = workflow.with_defaults(found.answers, request.user)
    after = before | self_help.carried_over(
        before, request.user, request.POST.get("diagnosis", ""), request.POST.get("path", "")
    )
    draft = save_draft(
        account=request.user,
        draft=found,
        answers=after,
        confirmed=[name for name in found.confirmed if name != "problem"],
        now=timezone.now(),
    )
    flashes.success(request, _("Your answers stand in the description now."))
    return redirect("portal:draft", draft.public_id.hex)


def _draft_id(request: HttpRequest) -> str:
    """The draft that somebody writes and came from: their own, or not stored yet; else empty."""
    asked = request.GET.get("draft") or request.POST.get("draft") or ""
    account = request.user
    if not isinstance(account, Account) or account.is_agent or parse_public_id(asked) is None:
        return ""
    try:
        found: Draft = draft_or_new(account, asked)
    except NotFound:
        return ""
    return "" if found.case_id is not None else asked
