"""Support requests: what opens one, what is answered, who is on it, what was written."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import Field

from opora.api.fields import (
    Email,
    FamilyName,
    FilledLine,
    LongText,
    PersonName,
    Phone,
    Reference,
    Severity,
    Shown,
    Slug,
    Title,
    Wanted,
    one_of,
)

Status = Annotated[
    str,
    one_of("submitted", "assigned", "in_progress", "waiting_for_customer", "resolved", "closed"),
]
Outcome = Literal[
    "solved", "workaround", "product_defect", "duplicate", "out_of_scope", "withdrawn", "no_reply"
]
OutcomeShown = Annotated[str, one_of(*get_args(Outcome))]
SeverityShown = Annotated[str, one_of(*get_args(Severity))]
Turn = Annotated[str, one_of("vendor", "customer", "third_party")]
RoleShown = Annotated[str, one_of("primary", "additional")]
Country = Annotated[FilledLine, Field(max_length=2, description="ISO 3166-1 alpha-2.")]
TimeZone = Annotated[FilledLine, Field(max_length=64, description="IANA name.")]
Uploads = Annotated[list[Reference], Field(max_length=20, description="Ids from `POST /uploads`.")]


class PrimaryContactWanted(Wanted):
    """The person the agent will contact (S6.5)."""

    given_name: PersonName
    family_name: FamilyName
    email: Email
    phone: Phone | None = None
    preferred_contact: Literal["email", "phone"]
    language: Literal["cs", "en"]


class AdditionalContactWanted(Wanted):
    given_name: PersonName
    family_name: FamilyName
    email: Email


class CaseWanted(Wanted):
    """A support request. `problem` left out means "none of these"; nobody is added as a contact who
    does not stand here."""

    product: Slug
    version: Slug
    problem: Slug | None = None
    title: Title
    description: LongText
    non_production: bool = False
    contract: Annotated[Reference, Field(description="An id from `GET /contracts`.")]
    severity: Severity
    round_the_clock: bool
    country: Country
    time_zone: TimeZone
    primary_contact: PrimaryContactWanted
    additional_contacts: Annotated[list[AdditionalContactWanted], Field(max_length=50)]
    attachments: Uploads = []


class ContractReference(Shown):
    id: str
    contract_id: str


class ReceiptShown(Shown):
    """What opening a case answers, the same whoever asks; `readable`: this account may read it."""

    number: str
    submitted_at: datetime
    response_due_at: datetime
    contract: ContractReference
    readable: bool


class RehearsalShown(Shown):
    response_due_at: datetime
    incidents_left_after: int


class Owner(Shown):
    name: str


class CaseShown(Shown):
    """A case as its readers see it. `problem`: "none-of-these" too where it was left out.
    `attachments`: the ids of the files it was opened with."""

    number: str
    status: Status
    turn: Turn | None
    product: str
    version: str
    problem: str
    title: str
    description: str
    non_production: bool
    contract: ContractReference
    severity: SeverityShown
    round_the_clock: bool
    country: str
    time_zone: str
    submitted_at: datetime
    response_due_at: datetime
    first_responded_at: datetime | None
    last_activity_at: datetime
    closed_at: datetime | None
    outcome: OutcomeShown | None
    owner: Owner | None
    attachments: list[str]


class CaseList(Shown):
    items: list[CaseShown]
    next: str | None


class SeverityWanted(Wanted):
    """`reason` is asked of agents, and only agents can read it."""

    severity: Severity
    reason: LongText | None = None


class MessageWanted(Wanted):
    body: LongText
    attachments: Uploads = []


class Author(Shown):
    name: str
    role: Annotated[str, one_of("customer", "agent")]


class MessageShown(Shown):
    id: str
    author: Author
    body: str
    at: datetime
    attachments: list[str]
    internal: bool = Field(description="A note that only agents see.")


class MessageList(Shown):
    items: list[MessageShown]
    next: str | None


class UploadShown(Shown):
    id: str
    name: str
    size: int
    media_type: str
    state: Annotated[str, one_of("received", "scanning", "ready", "rejected")]


class AttachmentShown(UploadShown):
    at: datetime


class AttachmentList(Shown):
    items: list[AttachmentShown]
    next: str | None


class ContactWanted(Wanted):
    """`primary` replaces the primary contact; the former one becomes additional (S8.3)."""

    role: Literal["primary", "additional"] = "additional"
    given_name: PersonName
    family_name: FamilyName
    email: Email
    phone: Phone | None = None


class ContactShown(Shown):
    id: str
    role: RoleShown
    given_name: str
    family_name: str
    email: str


class ContactList(Shown):
    items: list[ContactShown]
    next: str | None


class ClosureWanted(Wanted):
    outcome: Outcome
