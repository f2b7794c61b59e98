"""Who sees a request: the tab "Sharing" (S8.3)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as flashes
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from opora.accounts.queries import groups_of
from opora.cases.actions import add_contact, name_group, remove_contact, replace_primary
from opora.cases.models import Case
from opora.cases.queries import can, case_for, contact_for, contacts_of, group_on, people_on
from opora.core.errors import NotFound
from opora.portal.address_book import AddressBook, completed_for
from opora.portal.door import PortalRequest, for_customers
from opora.portal.forms import ConfirmForm, ContactForm, PrimaryForm
from opora.web.posting import posted
from opora.web.refusals import refusals_on


@require_http_methods(["GET", "POST"])
@for_customers
def sharing(request: PortalRequest, number: str) -> HttpResponse:
    """Who can see it, through what and since when, and forms to add a contact or a group."""
    found = case_for(request.user, number)
    form = ContactForm(_named(request))
    if form.is_valid():
        with refusals_on(form, field="email"):
            made = add_contact(case=found, by=request.user, now=timezone.now(), **form.cleaned_data)
            flashes.success(
                request,
                _("%(name)s was added, and gets a mail with a link.") % {"name": made.full_name},
            )
            return redirect("portal:case_sharing", number)
    permissions = can(found, request.user)
    return _page(
        request,
        "portal/case_sharing.html",
        found,
        form,
        contacts=people_on(found, request.user),
        group=group_on(found, request.user),
        groups=groups_of(request.user) if permissions.share_with_group else [],
        book=AddressBook.of(request.user) if permissions.add_contact else AddressBook(),
    )


@require_POST
@for_customers
def group(request: PortalRequest, number: str) -> HttpResponse:
    """Share with the chosen group, or, without one, with none."""
    found = case_for(request.user, number)
    chosen = request.POST.get("group", "")
    own = {one.public_id.hex: one for one in groups_of(request.user)}
    if chosen and chosen not in own:
        raise NotFound
    name_group(case=found, group=own.get(chosen), by=request.user, now=timezone.now())
    said = (
        _("Everybody in the group %(name)s can read the request now.") % {"name": own[chosen].name}
        if chosen
        else _("The request is not shared with a group any more.")
    )
    flashes.success(request, said)
    return redirect("portal:case_sharing", number)


@require_http_methods(["GET", "POST"])
@for_customers
def primary(request: PortalRequest, number: str) -> HttpResponse:
    """Name another primary contact; the former one becomes additional."""
    found = case_for(request.user, number)
    form = PrimaryForm(
        _named(request), initial={"language": found.language, "preferred_contact": "email"}
    )
    if form.is_valid():
        with refusals_on(form, field="email"):
            made = replace_primary(
                case=found, by=request.user, now=timezone.now(), **form.cleaned_data
            )
            flashes.success(
                request, _("%(name)s is the primary contact now.") % {"name": made.full_name}
            )
            return redirect("portal:case_sharing", number)
    book = AddressBook.of(request.user)
    return _page(request, "portal/case_primary.html", found, form, book=book)


@require_http_methods(["GET", "POST"])
@for_customers
def removal(request: PortalRequest, number: str, contact_id: str) -> HttpResponse:
    """Take a contact off; whoever takes themself off sees the request no more."""
    found = case_for(request.user, number)
    contact = contact_for(found, contact_id)
    form = ConfirmForm(posted(request))
    is_own = any(
        one.pk == contact.pk and getattr(one, "is_viewer", False)
        for one in contacts_of(found, request.user)
    )
    if form.is_valid():
        with refusals_on(form):
            remove_contact(case=found, contact=contact, by=request.user, now=timezone.now())
            flashes.success(
                request,
                _("%(name)s does not see the request any more.") % {"name": contact.full_name},
            )
            return redirect("portal:home") if is_own else redirect("portal:case_sharing", number)
    return _page(
        request, "portal/case_contact_removal.html", found, form, contact=contact, is_own=is_own
    )


def _named(request: PortalRequest) -> dict[str, str] | None:
    """What was posted, with the names of somebody whom the account knows by the address alone."""
    if posted(request) is None:
        return None
    return completed_for(request.user, request.POST.dict())


def _page(
    request: PortalRequest, template: str, found: Case, form: Form, **more: Any
) -> HttpResponse:
    return render(
        request,
        template,
        {
            "case": found,
            "turn": found.turn,
            "can": can(found, request.user),
            "form": form,
            "failed": bool(form.errors),
            **more,
        },
        status=422 if form.errors else 200,
    )
