"""What the knowledge base declines."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from opora.core.errors import Conflict, Forbidden, InvalidInput


@dataclass(eq=False)
class BadArticles(InvalidInput):
    """A file of articles or diagnoses that cannot be loaded as it stands. `errors`: each fault with
    its JSON pointer as `field`."""


@dataclass(eq=False)
class ReviewerIsAuthor(Forbidden):
    """Whoever wrote a version does not publish it."""

    code = "reviewer-is-author"
    title = _("Somebody else reviews this")
    sentence = _("You wrote this version. Ask another agent to review and publish it.")


@dataclass(eq=False)
class EditionHasMoved(Conflict):
    """The version is in another state than the deed is for."""

    code = "edition-has-moved"
    title = _("The version has moved on")
    sentence = _("Somebody moved this version on meanwhile. Look at the article again.")

    state: str


@dataclass(eq=False)
class EditionIsBeingWritten(Conflict):
    """There is at most one unpublished version in a language."""

    code = "edition-is-being-written"
    title = _("A new version is being written")
    sentence = _("There is an unpublished version in this language already. Go on with that one.")
