"""Who is on a support request."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router

from opora.api.description import refuses
from opora.api.once import done_once
from opora.api.paging import PageWanted, cut
from opora.api.requests import ApiRequest
from opora.api.schemas.cases import ContactList, ContactShown, ContactWanted
from opora.cases import actions
from opora.cases import queries as cases
from opora.cases.models import CaseContact

router = Router(tags=["Contacts"])


@router.get("/cases/{number}/contacts", response=ContactList, summary="Contacts")
def list_contacts(request: ApiRequest, number: str, wanted: Query[PageWanted]) -> ContactList:
    """The primary contact first."""
    case = cases.case_for(request.auth, number)
    rows = cases.contacts_of(case)
    page = cut(rows, wanted, name=f"contacts:{number}", key=lambda row: row.public_id.hex)
    return ContactList(items=[_contact(row) for row in page.items], next=page.next)


@router.post("/cases/{number}/contacts", response={201: ContactShown}, summary="Add a contact")
@refuses({403: ("not-allowed",), 409: ("already-a-contact",)})
def add_contact_to_case(request: ApiRequest, number: str, wanted: ContactWanted) -> HttpResponse:
    """Any contact adds additional ones; `primary` replaces the primary contact (S8.3)."""

    def work() -> ContactShown:
        case = cases.case_for(request.auth, number)
        add = actions.replace_primary if wanted.role == "primary" else actions.add_contact
        contact = add(
            case=case,
            given_name=wanted.given_name,
            family_name=wanted.family_name,
            email=wanted.email,
            phone=wanted.phone or "",
            by=request.auth,
            now=request.now,
        )
        return _contact(contact)

    return done_once(request, work)


@router.delete(
    "/cases/{number}/contacts/{contact_id}", response={204: None}, summary="Remove a contact"
)
@refuses({403: ("not-allowed",), 409: ("primary-contact-stays",)})
def remove_contact(request: ApiRequest, number: str, contact_id: str) -> HttpResponse:
    """The primary contact and the owning agent remove others; anyone removes themself."""
    case = cases.case_for(request.auth, number)
    contact = cases.contact_for(case, contact_id)
    actions.remove_contact(case=case, contact=contact, by=request.auth, now=request.now)
    return HttpResponse(status=204)


def _contact(contact: CaseContact) -> ContactShown:
    return ContactShown(
        id=contact.public_id.hex,
        role=contact.role,
        given_name=contact.given_name,
        family_name=contact.family_name,
        email=contact.email,
    )
