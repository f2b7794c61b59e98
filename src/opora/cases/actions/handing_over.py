"""A draft goes on under another account of its writer (P5): offered by a link, taken once.

The link is signed and short-lived, and works for whoever is signed in and presses the button; its
secret half is kept only as a hash, in the draft's own answers. A newer offer ends the older one.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db import transaction

from opora.accounts.models import Account
from opora.cases.actions.drafts import save_draft
from opora.cases.errors import HandoverIsOver
from opora.cases.models import Attachment, Draft
from opora.cases.steps import still_confirmed
from opora.core import audit
from opora.core.ids import parse_public_id

LASTS = timedelta(minutes=30)
OFFER = "handover"  # the answer that holds the hash
# What belongs to the account that wrote, not to the problem: chosen anew.
OF_THE_ACCOUNT = (OFFER, "contract", "group", "without_me")


def offer_draft(*, draft: Draft, by: Account, now: datetime) -> str:
    """The token of a link that hands the stored, unfinished draft of `by` over, once, within LASTS.

    Raises DraftIsGone if it was discarded meanwhile.
    """
    nonce = secrets.token_urlsafe(24)
    save_draft(
        account=by,
        draft=draft,
        answers=dict(draft.answers) | {OFFER: _hash(nonce)},
        confirmed=draft.confirmed,
        now=now,
    )
    until = int((now + LASTS).timestamp())
    return _signer().sign_object([draft.public_id.hex, nonce, until])


def offered_draft(*, token: str, now: datetime) -> Draft:
    """The draft that a token offers. HandoverIsOver for a forged, used, replaced or late one."""
    return _offered(token, now=now)


@transaction.atomic
def take_draft(*, token: str, by: Account, now: datetime) -> Draft:
    """Make the offered draft and its files those of `by`; the plan is chosen anew.

    One's own draft stays as it is. Raises HandoverIsOver, also for the second of two at once.
    """
    draft = _offered(token, now=now, lock=True)
    if draft.account_id == by.pk:
        return draft
    before = dict(draft.answers)
    after = {name: value for name, value in before.items() if name not in OF_THE_ACCOUNT}
    former = draft.account
    draft.account = by
    draft.answers = after
    draft.confirmed = [
        step for step in still_confirmed(before, after, draft.confirmed) if step != "support"
    ]
    draft.updated_at = now
    draft.save(update_fields=["account", "answers", "confirmed", "updated_at"])
    Attachment.objects.filter(draft=draft, case__isnull=True).update(uploaded_by=by)
    audit.record(
        "draft.handed_over",
        target=("draft", draft.public_id.hex),
        by=by.pk,
        at=now,
        former=former.public_id.hex,
    )
    return draft


def _offered(token: str, *, now: datetime, lock: bool = False) -> Draft:
    public_id, nonce, until = _read(token)
    drafts = Draft.objects.select_related("account__person").filter(case__isnull=True)
    if lock:
        drafts = drafts.locked()
    draft = drafts.filter(public_id=public_id).first()
    if draft is None or until <= now.timestamp():
        raise HandoverIsOver
    if not secrets.compare_digest(str(draft.answers.get(OFFER, "")), _hash(nonce)):
        raise HandoverIsOver
    return draft


def _read(token: str) -> tuple[Any, str, int]:
    try:
        public_id, nonce, until = _signer().unsign_object(token)
    except (BadSignature, ValueError):
        raise HandoverIsOver from None
    return parse_public_id(public_id), nonce, until


def _signer() -> Signer:
    return Signer(salt="opora.draft.handover")


def _hash(nonce: str) -> str:
    return sha256(nonce.encode()).hexdigest()
