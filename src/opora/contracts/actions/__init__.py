"""Deeds on plans, contracts, registrations and the incident ledger."""

from opora.contracts.actions.invitations import (
    Invited,
    accept_invitation,
    invite,
    revoke_invitation,
)
from opora.contracts.actions.issuing import (
    Issued,
    activate_contract,
    grant_benefit,
    issue_bought_contract,
    issue_contracts,
    managers_named,
)
from opora.contracts.actions.ledger import (
    Return,
    adjust_incidents,
    consume_incident,
    expire_contract,
    return_incident,
)
from opora.contracts.actions.plans import PlansReport, load_plans
from opora.contracts.actions.registrations import (
    end_registration,
    lift_revocation,
    register_contract,
    revoke_registration,
)
from opora.contracts.actions.reminders import expire_due, warn_incidents_low, warn_of_ends
from opora.contracts.actions.running import (
    cancel_contract,
    renew_contract,
    resume_contract,
    rotate_access_id,
    suspend_contract,
)

__all__ = [
    "Invited",
    "Issued",
    "PlansReport",
    "Return",
    "accept_invitation",
    "activate_contract",
    "adjust_incidents",
    "cancel_contract",
    "consume_incident",
    "end_registration",
    "expire_contract",
    "expire_due",
    "grant_benefit",
    "invite",
    "issue_bought_contract",
    "issue_contracts",
    "lift_revocation",
    "load_plans",
    "managers_named",
    "register_contract",
    "renew_contract",
    "resume_contract",
    "return_incident",
    "revoke_invitation",
    "revoke_registration",
    "rotate_access_id",
    "suspend_contract",
    "warn_incidents_low",
    "warn_of_ends",
]
