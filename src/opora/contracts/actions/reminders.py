"""What time does to contracts: what is left expires, and people are warned before (S13.5,
S13.6)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from opora.contracts.actions.ledger import expire_contract
from opora.contracts.models import Contract, Notice
from opora.contracts.queries import people_to_warn
from opora.core import outbox
from opora.core.days import today
from opora.core.outbox import Effect

BATCH = 200
# Days before the last usable one, nearest first.
ENDING: tuple[tuple[int, Notice.Code], ...] = (
    (7, Notice.Code.ENDING_7),
    (30, Notice.Code.ENDING_30),
    (60, Notice.Code.ENDING_60),
)


def expire_due(*, now: datetime, limit: int = BATCH) -> int:
    """Expire what is left on up to `limit` contracts that are over; how many. Each in a transaction
    of its own; safe to repeat."""
    over = Contract.objects.filter(incidents_left__gt=0).filter(
        Q(ends_on__lt=today(now)) | Q(cancelled_at__isnull=False)
    )
    expired = 0
    for pk in list(over.order_by("pk").values_list("pk", flat=True)[:limit]):
        expired += expire_contract(contract_pk=pk, now=now) is not None
    return expired


def warn_of_ends(*, now: datetime, limit: int = BATCH) -> int:
    """Warn managers and registrants of up to `limit` contracts that end within 60, 30 or 7 days,
    each once a term; how many contracts.

    Where several warnings are due at once (a short contract, a worker that was away) only the
    nearest is sent and the others count as sent.
    """
    on = today(now)
    warned = 0
    for days, code in ENDING:
        due = (
            Contract.objects.filter(
                ends_on__gte=on,
                ends_on__lte=on + timedelta(days=days),
                starts_on__lte=on,
                cancelled_at__isnull=True,
                incidents_left__gt=0,
            )
            .exclude(
                Exists(
                    Notice.objects.filter(
                        contract=OuterRef("pk"), term_number=OuterRef("term_number"), code=code
                    )
                )
            )
            .order_by("pk")
        )
        for contract in due[: limit - warned]:
            _warn_of_end(contract, days=days, now=now)
            warned += 1
    return warned


@transaction.atomic
def warn_incidents_low(*, contract_pk: int, now: datetime) -> bool:
    """Tell managers and registrants that one incident is left, once a term; whether it was done."""
    contract = Contract.objects.locked().get(pk=contract_pk)
    if contract.incidents_left != 1 or not _mark(contract, Notice.Code.ONE_LEFT, now=now):
        return False
    _tell(contract, "mail.incidents_low", now=now)
    return True


@transaction.atomic
def _warn_of_end(contract: Contract, *, days: int, now: datetime) -> None:
    """Send one warning, and mark those of more days as overtaken."""
    marked = [_mark(contract, code, now=now) for limit, code in ENDING if limit >= days]
    if marked[0] and contract.ends_on is not None:
        facts = {"days": days, "ends_on": contract.ends_on.isoformat()}
        _tell(contract, "mail.contract_ending", now=now, **facts)


def _mark(contract: Contract, code: Notice.Code, *, now: datetime) -> bool:
    """Write that a warning is sent; False if it was before."""
    _notice, is_new = Notice.objects.get_or_create(
        contract=contract, term_number=contract.term_number, code=code, defaults={"at": now}
    )
    return is_new


def _tell(contract: Contract, kind: str, *, now: datetime, **facts: object) -> None:
    outbox.publish(
        *(
            Effect(
                kind,
                key=f"contract:{contract.public_id.hex}:account:{account}",
                payload={"contract": contract.pk, "account": account, **facts},
            )
            for account in people_to_warn(contract)
        ),
        at=now,
    )
