"""What must hold of contracts and their ledger at every instant (SECURITY 1, I1)."""

from __future__ import annotations

from opora.core.invariants import Check, Result, Snapshot, triggers

GUARDS = ("entry_is_never_deleted", "entry_is_never_changed", "entry_follows_the_one_before")

_LEDGER = """
    SELECT c.public_id, c.incidents_left, c.entry_count, c.contract_id IS NULL,
           e.sequence, e.quantity, e.balance_after
    FROM contracts_contract c LEFT JOIN contracts_incidententry e ON e.contract_id = c.id
    ORDER BY c.id, e.sequence
"""
_REGISTRATIONS = """
    SELECT r.id FROM contracts_registration r JOIN contracts_contract c ON c.id = r.contract_id
    WHERE c.activated_on IS NULL OR (r.revoked_at IS NOT NULL AND r.ended_at IS NULL)
"""
_INVITATIONS = """
    SELECT i.id FROM contracts_invitation i JOIN contracts_contract c ON c.id = i.contract_id
    WHERE c.activated_on IS NULL OR i.expires_at <= i.made_at
       OR (i.used_by_id IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM contracts_registration r
           WHERE r.contract_id = i.contract_id AND r.account_id = i.used_by_id))
"""
_TERMS = """
    SELECT p.code FROM contracts_plan p LEFT JOIN contracts_planversion v ON v.id = p.current_id
    WHERE v.id IS NULL OR v.plan_id <> p.id
"""
_RETURNS = """
    SELECT e.id FROM contracts_incidententry e
    WHERE e.kind = 'returned' AND NOT EXISTS (
        SELECT 1 FROM contracts_incidententry d WHERE d.kind = 'consumed'
        AND d.case_number = e.case_number AND d.contract_id = e.contract_id
        AND d.sequence < e.sequence)
"""


def balances_add_up(snapshot: Snapshot) -> Result:
    """I1: a contract's entries count from 1 without gaps, each balance follows from the one before,
    and the row carries the last one and their number. Walks the ledger once, in order."""
    result = Result()
    contract: object = None
    name, left, count, balance, sequence = "", 0, 0, 0, 0

    def close() -> None:
        if contract is not None and (left, count) != (balance, sequence):
            result.breaches.append(
                f"contract {name} carries {left} incidents and {count} entries; "
                f"its ledger says {balance} and {sequence}"
            )

    for public_id, row_left, row_count, is_grant, number, quantity, after in snapshot.rows(_LEDGER):
        if public_id != contract:
            close()
            contract, left, count, balance, sequence = public_id, row_left, row_count, 0, 0
            name = str(public_id).replace("-", "")
            result.counted += 1
            if left < 0:
                result.breaches.append(f"contract {name} is overdrawn: {left}")
            if is_grant and number is not None:
                result.breaches.append(f"contract {name} has entries, but was never activated")
        if number is None:
            continue
        balance += quantity
        sequence += 1
        if (number, after) != (sequence, balance):
            result.breaches.append(
                f"contract {name}: entry {number} leaves {after}; due is {sequence} with {balance}"
            )
            balance, sequence = after, number
    close()
    return result


def returns_have_draws(snapshot: Snapshot) -> Result:
    """I1: what came back was drawn before, from the same contract, for the same request."""
    counted = "SELECT count(*) FROM contracts_incidententry WHERE kind = 'returned'"
    return Result(
        counted=snapshot.number(counted),
        breaches=[
            f"entry {key} returns what was never drawn" for (key,) in snapshot.rows(_RETURNS)
        ],
    )


def registrations_fit(snapshot: Snapshot) -> Result:
    """S2.6, S14.3: only activated contracts are registered, and a revoked registration is ended."""
    return Result(
        counted=snapshot.number("SELECT count(*) FROM contracts_registration"),
        breaches=[f"registration {key} cannot be" for (key,) in snapshot.rows(_REGISTRATIONS)],
    )


def invitations_fit(snapshot: Snapshot) -> Result:
    """S14.1: only activated contracts have links, and a used one led to a registration."""
    return Result(
        counted=snapshot.number("SELECT count(*) FROM contracts_invitation"),
        breaches=[f"invitation {key} cannot be" for (key,) in snapshot.rows(_INVITATIONS)],
    )


def plans_have_terms(snapshot: Snapshot) -> Result:
    """S11.1: every plan has current terms of its own."""
    return Result(
        counted=snapshot.number("SELECT count(*) FROM contracts_plan"),
        breaches=[f"plan {code} has no terms of its own" for (code,) in snapshot.rows(_TERMS)],
    )


def ledger_is_guarded(snapshot: Snapshot) -> Result:
    """I1: the database itself refuses to change, delete or misplace an entry."""
    found = triggers(snapshot)
    return Result(
        counted=len(GUARDS),
        breaches=[f"the trigger {name} is missing" for name in GUARDS if name not in found],
    )


CHECKS: tuple[Check, ...] = (
    Check("I1 balance", "every balance is the sum of its ledger, without gaps", balances_add_up),
    Check("I1 returns", "what came back was drawn before", returns_have_draws),
    Check("I1 ledger", "the database refuses to change the ledger", ledger_is_guarded),
    Check("S2 registrations", "registered contracts are activated", registrations_fit),
    Check("S14 invitations", "used links led to a registration", invitations_fit),
    Check("S11 plans", "every plan has terms", plans_have_terms),
)
