"""What a case declines, with codes that scripts may rely on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from opora.core.errors import Conflict, Forbidden, NotFound, Rejected


@dataclass(eq=False)
class NotAllowed(Forbidden):
    """The caller reads the case but may not do this to it (S8.3)."""

    code = "not-allowed"
    title = _("Not yours to do")
    sentence = _("You can see this support request, but somebody else has to do this.")


@dataclass(eq=False)
class CaseIsClosed(Conflict):
    code = "case-is-closed"
    title = _("The support request is closed")
    sentence = _("Support request %(number)s is closed. Reopen it first.")

    number: str


@dataclass(eq=False)
class CaseIsOpen(Conflict):
    code = "case-is-open"
    title = _("The support request is open")
    sentence = _("Support request %(number)s is open already.")

    number: str


@dataclass(eq=False)
class CaseHasChanged(Conflict):
    """Somebody else changed the case meanwhile (F-32). `revision`: the one to act on now."""

    code = "case-has-changed"
    title = _("The support request has changed")
    sentence = _("Somebody changed support request %(number)s meanwhile. Look at it again first.")

    number: str
    revision: int


@dataclass(eq=False)
class CaseHasOwner(Conflict):
    code = "case-has-owner"
    title = _("Another agent has it")
    sentence = _("Another agent owns support request %(number)s. Assign it to take it over.")

    number: str


@dataclass(eq=False)
class CaseHasNoOwner(Conflict):
    code = "case-has-no-owner"
    title = _("No agent has it")
    sentence = _("No agent owns support request %(number)s. Take it first.")

    number: str


@dataclass(eq=False)
class OutcomeNotAllowed(Conflict):
    """`allowed`: the outcomes this caller may close with (S15.3)."""

    code = "outcome-not-allowed"
    title = _("Not an outcome you can choose")
    sentence = _("The support request cannot be closed with the outcome “%(outcome)s” here.")

    outcome: str
    allowed: list[str]


@dataclass(eq=False)
class UnitWasReturned(Conflict):
    code = "unit-was-returned"
    title = _("The incident was given back")
    sentence = _(
        "The incident of support request %(number)s was given back, so only a support agent can "
        "reopen it. Open a new support request instead."
    )

    number: str


@dataclass(eq=False)
class ReopenPeriodOver(Conflict):
    """`until`: the last day it could be reopened (S15.4)."""

    code = "reopen-period-over"
    title = _("Closed too long ago")
    sentence = _(
        "Support request %(number)s could be reopened until %(until)s. Open a new support request "
        "and mention its number."
    )

    number: str
    until: date


@dataclass(eq=False)
class SeverityIsSettled(Conflict):
    code = "severity-is-settled"
    title = _("The severity is settled")
    sentence = _(
        "An agent is working on support request %(number)s. Ask for another severity in a message."
    )

    number: str


@dataclass(eq=False)
class AlreadyAContact(Conflict):
    code = "already-a-contact"
    title = _("Already a contact")
    sentence = _("%(email)s is a contact of this support request already.")

    email: str


@dataclass(eq=False)
class PrimaryContactStays(Conflict):
    code = "primary-contact-stays"
    title = _("The primary contact stays")
    sentence = _(
        "A support request always has a primary contact. Name another primary contact first."
    )


@dataclass(eq=False)
class RoundTheClockNeedsCritical(Rejected):
    code = "round-the-clock-needs-critical"
    title = _("Only for critical problems")
    sentence = _("Round-the-clock support goes with severity A, critical, only.")


@dataclass(eq=False)
class PhoneRequired(Rejected):
    code = "phone-required"
    title = _("A phone number is needed")
    sentence = _("Enter a phone number of the primary contact, such as +420 601 123 456.")


@dataclass(eq=False)
class SupportedElsewhere(Conflict):
    """The product has a portal of its own and the named contract is not usable for it (S3.1).

    `portal`: {"name", "url"}; `reasons`: [{"code", "message", "remedy"}] why the contract is not.
    """

    code = "supported-elsewhere"
    title = _("Supported elsewhere")
    sentence = _("This product is supported at %(portal_name)s.")

    portal: dict[str, str]
    reasons: list[dict[str, str]]

    @property
    def detail(self) -> str:
        return str(self.sentence) % {"portal_name": self.portal["name"]}


@dataclass(eq=False)
class DraftIsGone(Conflict):
    """The draft was discarded meanwhile, in another tab or on another device."""

    code = "draft-is-gone"
    title = _("The draft was discarded")
    sentence = _("This draft was discarded meanwhile. Start a new support request.")


@dataclass(eq=False)
class HandoverIsOver(NotFound):
    """The link that hands a draft over was used, replaced, forged, or has run out: one answer."""

    code = "handover-is-over"
    title = _("This link works no more")
    sentence = _(
        "The link was used, or its 30 minutes are over. The draft is in the account that wrote "
        "it, or in the one that took it: sign in there."
    )


class AttachmentNotFound(NotFound):
    """No such file, not for this caller, or erased meanwhile: one answer."""


@dataclass(eq=False)
class FileTooLarge(Rejected):
    """Over the vendor's limit (S8.6)."""

    code = "file-too-large"
    title = _("The file is too large")
    sentence = _("%(name)s is too large. A file may have at most %(limit_mb)s MB.")

    name: str
    limit_mb: int


@dataclass(eq=False)
class EmptyFile(Rejected):
    code = "file-is-empty"
    title = _("The file is empty")
    sentence = _("%(name)s is empty. Choose another file.")

    name: str


@dataclass(eq=False)
class FileNamedOtherwise(Rejected):
    """The content is known to be something else than the ending of the name says."""

    code = "file-named-otherwise"
    title = _("The name does not fit the file")
    sentence = _(
        "%(name)s is something else than its name says. Give it the ending that fits, such as "
        ".docx or .zip, and choose it again."
    )

    name: str


@dataclass(eq=False)
class AttachmentNotReady(Conflict):
    """The virus scanner has not seen it yet."""

    code = "attachment-not-ready"
    title = _("The file is still being checked")
    sentence = _("%(name)s is still being checked for viruses. Try again in a minute.")

    name: str


@dataclass(eq=False)
class AttachmentRejected(Conflict):
    """The virus scanner found something: nobody gets it any more (FI-06)."""

    code = "attachment-rejected"
    title = _("The file is locked")
    sentence = _(
        "The virus scanner found something harmful in %(name)s. Nobody can open it. If you need to "
        "send it, ask the agent how."
    )

    name: str


@dataclass(eq=False)
class TooManyFiles(Conflict):
    code = "too-many-files"
    title = _("Too many files")
    sentence = _("%(name)s was not added: there are %(limit)s files already.")

    name: str
    limit: int
