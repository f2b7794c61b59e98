"""The one door to a case, what stands on it, and what who came through may do (I6, S8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, CharField, Exists, OuterRef, Q, QuerySet, Subquery

from opora.accounts.models import Account
from opora.cases import states
from opora.cases.errors import AttachmentNotFound
from opora.cases.models import (
    Attachment,
    Case,
    CaseContact,
    CaseQuerySet,
    CaseReader,
    ContactBinding,
    QueueMember,
    Rating,
)
from opora.core.days import today
from opora.core.errors import NotFound
from opora.core.ids import parse_public_id
from opora.core.prepared import Param, Prepared

NUMBER_LENGTH = 16


def case_for(user: Account, number: str) -> Case:
    """The case of that number for somebody who may read it; a stranger and a typo get the same
    NotFound. One statement loads product, version, problem, contract with its holder, plan, queue
    and owner too."""
    if not is_number(number):
        raise NotFound
    door = _ANY if user.is_administrator else _AGENTS if user.is_agent else _CUSTOMERS
    case = door.first(number=number, viewer=user.pk)
    if case is None:
        raise NotFound
    return case


def case_page_for(customer: Account, number: str) -> Case:
    """The same for the page that a customer reads it on. In the one statement come too:
    `viewer_seen_at`, how far they have read, `viewer_score`, what they answered when it was closed,
    and `goes_on_from` and `goes_on_in`, the numbers of the case before it and of the newest after
    it, each only if they may read that one (AC-08)."""
    found = _CUSTOMERS_PAGE.first(number=number, viewer=customer.pk) if is_number(number) else None
    if found is None:
        raise NotFound
    return found


VIEWER = Param("viewer", BigIntegerField())


def door(
    visible: Callable[[CaseQuerySet], CaseQuerySet],
    more: Callable[[], dict[str, Any]] = dict,
) -> Prepared[Case]:
    """The one case with a number that is `visible`, with what its pages name, and `more` columns.
    Its values: `number`, and `viewer`, the account's key."""
    return Prepared(
        lambda: (
            visible(Case.objects.all())
            .select_related(
                "product",
                "version",
                "problem",
                "contract__holder_organization",
                "contract__holder_person",
                "plan_version__plan",
                "queue",
                "owner__person",
            )
            .annotate(
                viewer_is_primary=Exists(_primary_of(VIEWER, OuterRef("pk"))),
                **more(),
            )
            .filter(number=Param("number", CharField()))
        )
    )


def _whether_contact() -> dict[str, Any]:
    """Without it a customer only reads the case, through its group."""
    return {"viewer_is_contact": Exists(_contact_rows(VIEWER, OuterRef("pk")))}


def _for_the_page() -> dict[str, Any]:
    own = CaseReader.objects.filter(case=OuterRef("pk"), account=VIEWER)
    answers = Rating.objects.filter(case=OuterRef("pk"), account=VIEWER)
    readable = Case.objects.read_by(VIEWER)
    before = readable.filter(pk=OuterRef("follows_id"))
    after = readable.filter(follows=OuterRef("pk")).order_by("-pk")
    return _whether_contact() | {
        "viewer_seen_at": Subquery(own.values("seen_at")[:1]),
        "viewer_score": Subquery(answers.values("score")[:1]),
        "goes_on_from": Subquery(before.values("number")[:1]),
        "goes_on_in": Subquery(after.values("number")[:1]),
    }


# The same rule as CaseQuerySet.visible_to, for each kind of viewer.
_ANY = door(lambda cases: cases)
_AGENTS = door(lambda cases: cases.seen_by_agent(VIEWER))
_CUSTOMERS = door(lambda cases: cases.read_by(VIEWER), _whether_contact)
_CUSTOMERS_PAGE = door(lambda cases: cases.read_by(VIEWER), _for_the_page)


def is_number(text: str) -> bool:
    return len(text) == NUMBER_LENGTH and text.isascii() and text.isdigit()


# --- What may be done ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Permissions:
    """What a viewer of a case may do to it now. `outcomes`: those to close with."""

    write: bool
    upload: bool
    close: bool
    reopen: bool
    change_severity: bool
    add_contact: bool
    share_with_group: bool
    rate: bool
    follow_up: bool
    remove_contacts: bool
    replace_primary: bool
    leave: bool
    note: bool
    ask: bool
    propose: bool
    take: bool
    assign: bool
    release: bool
    set_third_party: bool
    outcomes: tuple[str, ...]


def can(case: Case, viewer: Account, now: datetime | None = None) -> Permissions:
    """What `viewer`, who sees the case, may do. No statement on a case from `case_for`.

    Without `now` the end of the period to reopen in (S15.4) is left to the deed to judge.
    """
    is_agent, is_open = viewer.is_agent, case.is_open
    if not is_agent and not _is_contact(case, viewer):
        return _READS_ONLY
    owns = is_agent and case.owner_id == viewer.pk
    is_primary = not is_agent and _is_primary(case, viewer)
    leads = owns or is_primary
    may_reopen = not is_open and (is_agent or case.unit_returned_at is None)
    if may_reopen and now is not None and case.closed_at is not None:
        may_reopen = today(now) <= states.last_day_to_reopen(today(case.closed_at))
    at_desk = is_agent and is_open
    return Permissions(
        write=is_open,
        upload=is_open,
        close=is_open,
        reopen=may_reopen,
        change_severity=is_open and (is_agent or case.owner_id is None),
        add_contact=not is_agent,
        share_with_group=not is_agent,
        rate=not is_agent and not is_open,
        follow_up=not is_agent and not is_open,
        remove_contacts=leads,
        replace_primary=leads,
        leave=not is_agent and not is_primary,
        note=is_agent,
        ask=at_desk,
        propose=at_desk,
        take=at_desk and case.owner_id is None,
        assign=at_desk,
        release=at_desk and case.owner_id is not None,
        set_third_party=at_desk and case.status in states.WITH_VENDOR,
        outcomes=states.AGENTS_MAY_CLOSE_AS if is_agent else states.CONTACTS_MAY_CLOSE_AS,
    )


# Members of the group that a case is shared with (S8.5).
_READS_ONLY = Permissions(
    **{one.name: False for one in fields(Permissions) if one.name != "outcomes"}, outcomes=()
)


def _is_contact(case: Case, viewer: Account) -> bool:
    known: bool | None = getattr(case, "viewer_is_contact", None)
    return _contact_rows(viewer.pk, case.pk).exists() if known is None else known


def _contact_rows(viewer: int | Param, case: Any) -> QuerySet[CaseReader]:
    return CaseReader.objects.filter(case=case, account=viewer, is_contact=True)


def _is_primary(case: Case, viewer: Account) -> bool:
    known: bool | None = getattr(case, "viewer_is_primary", None)
    return _primary_of(viewer.pk, case.pk).exists() if known is None else known


def _primary_of(viewer: int | Param, case: Any) -> QuerySet[ContactBinding]:
    return ContactBinding.objects.filter(
        contact__case=case, contact__role=CaseContact.Role.PRIMARY, account=viewer
    )


# --- What stands on a case -----------------------------------------------------------------------


def contacts_of(case: Case, viewer: Account | None = None) -> list[CaseContact]:
    """The people on a case, primary first; with `viewer` each says `is_viewer`. One statement."""
    if viewer is not None:
        return _CONTACTS.rows(case=case.pk, viewer=viewer.pk)
    return list(case.contacts.order_by("-role", "pk"))


_CASE = Param("case", BigIntegerField())
_CONTACTS: Prepared[CaseContact] = Prepared(
    lambda: (
        CaseContact.objects.filter(case=_CASE)
        .annotate(
            is_viewer=Exists(ContactBinding.objects.filter(contact=OuterRef("pk"), account=VIEWER))
        )
        .order_by("-role", "pk")
    )
)


def contact_for(case: Case, public_id: str) -> CaseContact:
    """The contact of that id on this case (AC-03), else NotFound."""
    key = parse_public_id(public_id)
    found = case.contacts.filter(public_id=key).first() if key else None
    if found is None:
        raise NotFound
    return found


def attachments_of(case: Case, viewer: Account) -> list[Attachment]:
    """The case's files, oldest first; those of notes for agents only. One statement."""
    return (_ALL_FILES if viewer.is_agent else _CUSTOMERS_FILES).rows(case=case.pk)


_ALL_FILES: Prepared[Attachment] = Prepared(
    lambda: Attachment.objects.filter(case=_CASE).order_by("pk")
)
_CUSTOMERS_FILES: Prepared[Attachment] = Prepared(
    lambda: Attachment.objects.filter(case=_CASE, is_internal=False).order_by("pk")
)


def attachment_for(user: Account, case_number: str, public_id: str) -> Attachment:
    """The file of that id on that case, for a reader of the case, else AttachmentNotFound."""
    key = parse_public_id(public_id)
    if key is None or not is_number(case_number):
        raise AttachmentNotFound
    rows = Attachment.objects.filter(
        public_id=key, case__in=Case.objects.visible_to(user).filter(number=case_number)
    )
    found = (rows if user.is_agent else rows.filter(is_internal=False)).first()
    if found is None:
        raise AttachmentNotFound
    return found


def agents_for(case: Case) -> list[Account]:
    """The agents to whom the case may be assigned, by name: active ones who see its queue."""
    member = QueueMember.objects.filter(queue=case.queue_id, account=OuterRef("pk"))
    sees = Q(kind=Account.Kind.ADMINISTRATOR) | Q(Exists(member))
    if case.queue.holds_every_agent:
        sees |= Q(kind=Account.Kind.AGENT)
    staff = Account.objects.filter(
        kind__in=(Account.Kind.AGENT, Account.Kind.ADMINISTRATOR), is_active=True
    )
    return list(staff.filter(sees).order_by("person__family_name", "person__given_name", "pk"))
