"""What must hold of purchases, payments and papers at every instant (SECURITY 1, I3)."""

from __future__ import annotations

from datetime import timedelta

from opora.billing.actions.purchasing import job_key as job_of_purchase
from opora.billing.actions.sending_back import job_key as job_of_refund
from opora.billing.models import Discrepancy, Purchase, Refund
from opora.billing.states import UNSETTLED
from opora.core.invariants import Check, Result, Snapshot, triggers
from opora.core.models import Job

UNDER_WAY = timedelta(minutes=30)
GUARDS = ("paper_is_never_changed", "paper_is_never_deleted")

_GRANTS = """
    SELECT p.number, p.incidents, c.incidents_granted,
           (SELECT count(*) FROM contracts_incidententry e
            WHERE e.contract_id = p.contract_id AND e.kind = 'granted' AND e.reason = 'bought'),
           (SELECT sum(e.quantity) FROM contracts_incidententry e
            WHERE e.contract_id = p.contract_id AND e.kind = 'granted' AND e.reason = 'bought')
    FROM billing_purchase p JOIN contracts_contract c ON c.id = p.contract_id
    WHERE p.state = 'captured'
"""
_UNPAID_GRANTS = """
    SELECT c.contract_id FROM contracts_incidententry e
    JOIN contracts_contract c ON c.id = e.contract_id
    WHERE e.kind = 'granted' AND e.reason = 'bought' AND NOT EXISTS (
        SELECT 1 FROM billing_purchase p WHERE p.contract_id = e.contract_id
        AND p.state = 'captured')
"""
_REFUNDS = """
    SELECT p.number, p.refunded, coalesce(sum(r.amount), 0)
    FROM billing_purchase p LEFT JOIN billing_refund r ON r.purchase_id = p.id AND r.state = 'done'
    GROUP BY p.id, p.number, p.refunded
    HAVING p.refunded <> coalesce(sum(r.amount), 0)
"""
_TAKEN_BACK = """
    SELECT p.number, t.taken, t.asked FROM billing_purchase p JOIN (
        SELECT r.purchase_id,
               sum(CASE WHEN r.state IN ('calling', 'unknown', 'done') THEN r.incidents ELSE 0 END)
                   AS asked,
               (SELECT -coalesce(sum(e.quantity), 0) FROM contracts_incidententry e
                JOIN billing_purchase q ON q.contract_id = e.contract_id
                WHERE q.id = r.purchase_id AND e.kind = 'adjusted'
                AND e.reason IN ('refunded', 'refund_failed')) AS taken
        FROM billing_refund r GROUP BY r.purchase_id) t ON t.purchase_id = p.id
    WHERE t.taken <> t.asked
"""
_PAPERS = """
    SELECT p.number FROM billing_purchase p WHERE p.state = 'captured' AND NOT EXISTS (
        SELECT 1 FROM billing_paper d WHERE d.purchase_id = p.id AND d.kind = 'receipt')
"""
_CREDIT_NOTES = """
    SELECT r.id FROM billing_refund r WHERE r.state = 'done' AND NOT EXISTS (
        SELECT 1 FROM billing_paper d WHERE d.refund_id = r.id)
"""
_STRAY_PAPERS = """
    SELECT d.number FROM billing_paper d JOIN billing_purchase p ON p.id = d.purchase_id
    LEFT JOIN billing_refund r ON r.id = d.refund_id
    WHERE p.state <> 'captured'
       OR (d.kind = 'receipt' AND (d.amount <> p.amount OR d.tax <> p.tax))
       OR (d.kind = 'credit_note'
           AND (r.state <> 'done' OR r.purchase_id <> p.id OR d.amount <> r.amount))
"""
_TAX_BACK = """
    SELECT p.number FROM billing_purchase p JOIN (
        SELECT purchase_id, sum(amount) AS amount, sum(tax) AS tax FROM billing_paper
        WHERE kind = 'credit_note' GROUP BY purchase_id) n ON n.purchase_id = p.id
    WHERE n.tax > p.tax OR (n.amount = p.amount AND n.tax <> p.tax)
"""


def captured_is_granted(snapshot: Snapshot) -> Result:
    """I3: each captured payment has exactly one grant, of the quantity bought."""
    result = Result()
    for number, bought, granted, entries, quantity in snapshot.rows(_GRANTS):
        result.counted += 1
        if (entries, quantity, granted) != (1, bought, bought):
            result.breaches.append(
                f"purchase {number} of {bought} incidents has {entries} grants of {quantity or 0}"
            )
    result.breaches += [
        f"contract {contract} has bought incidents that nobody paid"
        for (contract,) in snapshot.rows(_UNPAID_GRANTS)
    ]
    return result


def ends_are_sought(snapshot: Snapshot) -> Result:
    """I3, F-08: whatever a provider was asked for and has not answered yet is asked for again.

    A provider that is silent, or a refund that takes days, is no damage here: the jobs sound the
    alarm of it. A question that nobody will ask any more is.
    """
    result = Result()
    asked = set(
        Job.objects.filter(
            state=Job.State.OPEN, kind__in=("payment.ask", "payment.refund")
        ).values_list("key", flat=True)
    )
    for purchase in Purchase.objects.filter(state__in=UNSETTLED).iterator():
        result.counted += 1
        since = purchase.called_at or purchase.state_at
        if job_of_purchase(purchase) in asked or since > snapshot.now - UNDER_WAY:
            result.under_way += 1
        else:
            result.breaches.append(f"nobody asks what became of purchase {purchase.number}")
    for refund in Refund.objects.filter(state__in=UNSETTLED).iterator():
        result.counted += 1
        if job_of_refund(refund) in asked or refund.state_at > snapshot.now - UNDER_WAY:
            result.under_way += 1
        else:
            result.breaches.append(f"nobody asks what became of refund {refund.public_id.hex}")
    return result


def refunds_add_up(snapshot: Snapshot) -> Result:
    """I3: what went back is the sum of the refunds that are done, and their incidents are taken."""
    return Result(
        counted=snapshot.number("SELECT count(*) FROM billing_refund"),
        breaches=[
            f"purchase {number} says {refunded} went back, its refunds say {done}"
            for number, refunded, done in snapshot.rows(_REFUNDS)
        ]
        + [
            f"purchase {number}: {taken} incidents were taken back for refunds of {asked}"
            for number, taken, asked in snapshot.rows(_TAKEN_BACK)
        ],
    )


def books_agree(snapshot: Snapshot) -> Result:
    """I3: no difference to a provider's books is open; one younger than half an hour is under way.
    It ends when the books agree again, or when an administrator has seen to it."""
    result = Result()
    for one in Discrepancy.objects.filter(resolved_at=None).iterator():
        result.counted += 1
        if one.found_at < snapshot.now - UNDER_WAY:
            result.breaches.append(
                f"{one.provider} and Opora differ about {one.reference} ({one.kind}): "
                f"{one.theirs} there, {one.ours} here"
            )
        else:
            result.under_way += 1
    return result


def papers_are_complete(snapshot: Snapshot) -> Result:
    """I3: every captured purchase has its receipt and every refund its credit note, of the same
    amounts; tax goes back in proportion; numbers have no gaps; no paper can change."""
    found = triggers(snapshot)
    result = Result(
        counted=snapshot.number("SELECT count(*) FROM billing_paper"),
        breaches=[f"purchase {number} has no receipt" for (number,) in snapshot.rows(_PAPERS)]
        + [f"refund {key} has no credit note" for (key,) in snapshot.rows(_CREDIT_NOTES)]
        + [f"paper {number} is of no such payment" for (number,) in snapshot.rows(_STRAY_PAPERS)]
        + [f"purchase {number}: its tax went back wrong" for (number,) in snapshot.rows(_TAX_BACK)]
        + [f"the trigger {name} is missing" for name in GUARDS if name not in found],
    )
    counts = snapshot.rows(
        "SELECT s.code, s.last, (SELECT count(*) FROM billing_paper p "
        "WHERE substr(p.number, 1, length(s.code)) = s.code) FROM billing_paperseries s"
    )
    result.breaches += [
        f"papers {code} have numbers up to {last}, but there are {count}"
        for code, last, count in counts
        if last != count
    ]
    return result


CHECKS: tuple[Check, ...] = (
    Check("I3 grants", "what was paid is granted, and nothing else", captured_is_granted),
    Check("I3 ends", "no question to a provider is forgotten", ends_are_sought),
    Check("I3 refunds", "refunds add up, in money and incidents", refunds_add_up),
    Check("I3 books", "providers' books and ours agree", books_agree),
    Check("S7 papers", "every payment has its paper, numbered without gaps", papers_are_complete),
)
