"""What contacts say of a closed case."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.cases.actions.change import changing
from opora.cases.errors import CaseIsOpen, NotAllowed
from opora.cases.models import Case, Rating
from opora.cases.texts import plain
from opora.core.errors import InvalidInput

SCORES = (1, 2, 3, 4, 5)
LONGEST_COMMENT = 2000


def rate_case(*, case: Case, score: int, comment: str, by: Account, now: datetime) -> Rating:
    """A contact's answer to how satisfied they are, 1 (not at all) to 5 (very); answering again
    changes it. It stays when the case is reopened, and may be changed after it closes again.

    Raises CaseIsOpen, NotAllowed (agents, members of a group), InvalidInput by field.
    """
    comment = plain(comment).strip()
    if score not in SCORES:
        raise InvalidInput.on("score", _("Choose one of the five answers."))
    if len(comment) > LONGEST_COMMENT:
        raise InvalidInput.on("comment", _("Shorten the comment to 2,000 characters."))
    with changing(case, by=by, now=now) as change:
        if change.is_agents:
            raise NotAllowed
        row = change.case
        if row.is_open:
            raise CaseIsOpen(number=row.number)
        answer = {"score": score, "comment": comment, "changed_at": now}
        about = {"queue_id": row.queue_id, "owner_id": row.owner_id}
        rating, _new = Rating.objects.update_or_create(
            case=row,
            account=by,
            defaults=answer | about,
            create_defaults=answer | about | {"answered_at": now},
        )
        change.record("case.rated", score=score)
    return rating
