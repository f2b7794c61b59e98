"""Articles at the desk: written by one agent, reviewed and published by another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages as flashes
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from opora.core.errors import Conflict, NotFound
from opora.desk.article_forms import AboutForm, ArticleForm, EditionForm
from opora.desk.door import DeskRequest, for_agents
from opora.knowledge.actions import (
    change_article,
    create_article,
    publish_edition,
    return_to_author,
    save_edition,
    send_for_review,
    start_edition,
    withdraw_edition,
)
from opora.knowledge.models import Edition
from opora.knowledge.queries import edition_for, editions_of, figures, shelf_of, subjects_of
from opora.knowledge.queries import shelf as shelf_rows
from opora.web.refusals import refusals_on

MONTH = timedelta(days=30)
A_PAGE = 50
get_or_post = require_http_methods(["GET", "POST"])


@for_agents
@require_GET
def shelf(request: DeskRequest) -> HttpResponse:
    """Every article with its state in each language and what it brought."""
    waiting = request.GET.get("view") == "waiting"
    query = request.GET.get("q", "").strip()[:400]
    after = request.GET.get("after")
    page = shelf_rows(waiting=waiting, q=query, after=after, limit=A_PAGE)
    kept = {"view": "waiting" if waiting else "", "q": query}
    kept = {name: value for name, value in kept.items() if value}
    return render(
        request,
        "desk/articles.html",
        {
            "rows": page.items,
            "older": f"?{urlencode(kept | {'after': page.next})}" if page.next else "",
            "newest": f"?{urlencode(kept)}" if after else "",
            "waiting": waiting,
            "q": query,
            "figures": figures(timezone.now() - MONTH),
        },
    )


@for_agents
@get_or_post
def new(request: DeskRequest) -> HttpResponse:
    """Begin an article."""
    form = ArticleForm(request.POST or None, initial={"language": request.LANGUAGE_CODE[:2]})
    if form.is_valid():
        given = form.cleaned_data
        with refusals_on(form):
            edition = create_article(
                language=given["language"],
                title=given["title"],
                body=given["body"],
                audience=given["audience"],
                keywords=given["keywords"],
                subjects=given["subjects"],
                by=request.user,
                now=timezone.now(),
            )
            flashes.success(request, _("The draft was saved."))
            return _to(edition)
    return _form_page(request, "desk/article_new.html", {"form": form})


@for_agents
@get_or_post
def article(request: DeskRequest, slug: str) -> HttpResponse:
    """One article: who reads it, what it is found by, and all its versions."""
    found = shelf_of(slug)
    form = AboutForm(
        request.POST or None,
        initial={
            "audience": found.article.audience,
            "keywords": ", ".join(found.article.keywords),
            "subjects": ", ".join(subjects_of(found.article)),
        },
    )
    if form.is_valid():
        with refusals_on(form):
            change_article(
                article=found.article,
                audience=form.cleaned_data["audience"],
                keywords=form.cleaned_data["keywords"],
                subjects=form.cleaned_data["subjects"],
                by=request.user,
                now=timezone.now(),
            )
            flashes.success(request, _("The article was changed."))
            return redirect("desk:article", slug)
    return _form_page(
        request,
        "desk/article.html",
        {
            "form": form,
            "shelf": found,
            "editions": editions_of(found.article),
            "languages": Edition.Language.choices,
        },
    )


@for_agents
@require_POST
def new_edition(request: DeskRequest, slug: str, language: str) -> HttpResponse:
    """Begin a new version in a language."""
    found = shelf_of(slug)
    if language not in Edition.Language.values:
        raise NotFound
    return _to(
        start_edition(article=found.article, language=language, by=request.user, now=timezone.now())
    )


@for_agents
@get_or_post
def edition(request: DeskRequest, slug: str, language: str, number: str) -> HttpResponse:
    """One version: a draft can be written on and looked at, any other only looked at."""
    found = edition_for(slug, language, number)
    if found.state != Edition.State.DRAFT:
        return render(request, "desk/edition.html", {"edition": found, "form": None})
    form = EditionForm(
        request.POST or None,
        initial={
            "title": found.title,
            "body": found.body,
            "seen": found.changed_at.isoformat(),
        },
    )
    deed = request.POST.get("do", "save")
    if form.is_valid() and deed != "preview":
        with refusals_on(form):
            now = timezone.now()
            saved = save_edition(
                edition=found,
                title=form.cleaned_data["title"],
                body=form.cleaned_data["body"],
                seen=datetime.fromisoformat(form.cleaned_data["seen"]),
                by=request.user,
                now=now,
            )
            if deed == "review":
                send_for_review(edition=saved, by=request.user, now=now)
                flashes.success(request, _("The version waits for another agent’s review."))
            else:
                flashes.success(request, _("The draft was saved."))
            return _to(saved)
    preview = (form["title"].value(), form["body"].value()) if deed == "preview" else None
    return _form_page(
        request, "desk/edition.html", {"edition": found, "form": form, "preview": preview}
    )


@for_agents
@require_POST
def review(request: DeskRequest, slug: str, language: str, number: str) -> HttpResponse:
    """Send a draft for review as it stands."""
    found = edition_for(slug, language, number)
    return _moved(
        request, found, send_for_review, _("The version waits for another agent’s review.")
    )


@for_agents
@require_POST
def return_edition(request: DeskRequest, slug: str, language: str, number: str) -> HttpResponse:
    """Give a version back from review."""
    found = edition_for(slug, language, number)
    return _moved(request, found, return_to_author, _("The version can be written on again."))


@for_agents
@require_POST
def publication(request: DeskRequest, slug: str, language: str, number: str) -> HttpResponse:
    """Publish a reviewed version."""
    found = edition_for(slug, language, number)
    return _moved(request, found, publish_edition, _("The version is published."))


@for_agents
@get_or_post
def withdrawal(request: DeskRequest, slug: str, language: str, number: str) -> HttpResponse:
    """Take a published version away, after asking."""
    found = edition_for(slug, language, number)
    if request.method == "POST":
        return _moved(request, found, withdraw_edition, _("The version is withdrawn."))
    return render(request, "desk/edition_withdrawal.html", {"edition": found})


def _moved(request: DeskRequest, found: Edition, deed: Any, said: str) -> HttpResponse:
    """Do a deed to a version and go back to it; who was overtaken is told so there."""
    try:
        deed(edition=found, by=request.user, now=timezone.now())
    except Conflict as refusal:
        flashes.error(request, refusal.detail)
    else:
        flashes.success(request, said)
    return _to(found)


def _to(found: Edition) -> HttpResponse:
    return redirect("desk:edition", found.article.slug, found.language, str(found.number))


def _form_page(request: DeskRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    failed = bool(context["form"].errors)
    return render(request, template, {**context, "failed": failed}, status=422 if failed else 200)
