"""Whether an article helped, and requests that were not needed because it did."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from opora.accounts.models import Account
from opora.catalog.models import Product
from opora.core import audit, throttle
from opora.core.errors import TriedTooOften
from opora.knowledge.models import Article, Edition, Feedback, SelfHelp

MOST_FROM_A_NETWORK = 60  # answers an hour of those who are not signed in


@transaction.atomic
def give_feedback(
    *, edition: Edition, helped: bool, by: Account | None, network: str, now: datetime
) -> None:
    """Keep whether an edition helped. An account's later answer takes the place of its earlier one;
    of those who are not signed in, a network gives so many an hour. Raises TriedTooOften."""
    if by is None:
        key = f"feedback:network:{network}"
        if seconds := throttle.seconds_to_wait([key], limit=MOST_FROM_A_NETWORK, now=now):
            raise TriedTooOften(retry_after=seconds)
        throttle.count([key], now=now)
        Feedback.objects.create(edition=edition, helped=helped, at=now)
    else:
        Feedback.objects.update_or_create(
            edition=edition, account=by, defaults={"helped": helped, "at": now}
        )
    audit.record(
        "article.rated",
        target=("article", edition.article.public_id.hex),
        by=by.pk if by else None,
        at=now,
        language=edition.language,
        number=edition.number,
        helped=helped,
    )


@transaction.atomic
def count_self_help(
    *, article: Article, draft_id: UUID, product: Product | None, by: Account, now: datetime
) -> SelfHelp:
    """Count that an article made a support request unnecessary (P10): no incident was used. Asking
    twice for one draft counts once."""
    solved, is_new = SelfHelp.objects.get_or_create(
        draft_id=draft_id,
        defaults={"account": by, "article": article, "product": product, "at": now},
    )
    if is_new:
        audit.record(
            "draft.solved_by_article",
            target=("article", article.public_id.hex),
            by=by.pk,
            at=now,
            draft=draft_id.hex,
        )
    return solved
