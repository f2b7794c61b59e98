"""Refusals: what Opora declines to do, foreseen, with a code, facts and a sentence.

    Refusal
    ├── Forbidden      the caller may not
    ├── NotFound       it does not exist, or not for this caller
    ├── Conflict       not in this state
    ├── Rejected       the input cannot be taken
    ├── TooManyTries   not so fast
    └── Unavailable    not now

Subclasses are dataclasses: their fields are the facts, which fill the sentence and travel as
members of an API problem. `web.refusals` maps a family to an HTTP status; nothing here knows HTTP.
Anything that is not a Refusal is an error of ours: never caught, logged with the request's id.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(eq=False)
class Refusal(Exception):
    """A foreseen no. `code` is stable; title and sentence are for the reader's language.

    `keeps_effects`: what the deed wrote before it refused (a counted try) has to stay; whoever
    wraps the deed in a transaction commits it and refuses afterwards.
    """

    code: ClassVar[str]
    title: ClassVar[StrPromise]
    sentence: ClassVar[StrPromise]
    keeps_effects: ClassVar[bool] = False

    def facts(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @property
    def detail(self) -> str:
        return str(self.sentence) % self.facts()

    def __str__(self) -> str:
        return self.detail


class Forbidden(Refusal):
    """The caller may not."""


class NotFound(Refusal):
    """It does not exist, or not for this caller: one and the same answer."""

    code = "not-found"
    title = _("Not found")
    sentence = _("There is nothing here that you can see.")


class Conflict(Refusal):
    """The request is fine, the state of things is not."""


class Rejected(Refusal):
    """The input cannot be taken as it is."""


class TooManyTries(Refusal):
    """Too many wrong tries; wait `retry_after` seconds."""


class Unavailable(Refusal):
    """Not now; trying again later may work."""


@dataclass(eq=False)
class OutOfOrder(Unavailable):
    """The database or the disk takes nothing now: nothing was written (F-04, F-05, F-06)."""

    code = "unavailable"
    title = _("Not now")
    sentence = _("This cannot be done right now, and nothing was changed. Try again in a moment.")

    retry_after: int = 5


@dataclass(eq=False)
class InvalidInput(Rejected):
    """One or more fields cannot be read. `errors`: [{"field", "message"}], messages in the reader's
    language."""

    code = "invalid-input"
    title = _("Some fields need another look")
    sentence = _("Some fields need another look.")

    errors: list[dict[str, str]]

    @classmethod
    def on(cls, field: str, message: object) -> InvalidInput:
        return cls(errors=[{"field": field, "message": str(message)}])


@dataclass(eq=False)
class TriedTooOften(TooManyTries):
    """A throttle is closed (EN-02)."""

    code = "too-many-tries"
    title = _("Too many tries")
    sentence = _("Too many tries. Wait a while and try again.")

    retry_after: int
