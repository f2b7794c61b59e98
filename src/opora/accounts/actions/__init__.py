"""What is done to accounts, addresses, organisations and tokens."""

from opora.accounts.actions.accounts import (
    create_account,
    deactivate_account,
    join_account,
)
from opora.accounts.actions.addresses import change_address, prove_address, release_address
from opora.accounts.actions.organizations import add_organization, set_role
from opora.accounts.actions.profile import change_name, save_profile, take_names
from opora.accounts.actions.sessions import end_other_sessions, end_session
from opora.accounts.actions.tokens import issue_token, revoke_token
from opora.accounts.actions.work import sign_in_by_provider

__all__ = [
    "add_organization",
    "change_address",
    "change_name",
    "create_account",
    "deactivate_account",
    "end_other_sessions",
    "end_session",
    "issue_token",
    "join_account",
    "prove_address",
    "release_address",
    "revoke_token",
    "save_profile",
    "set_role",
    "sign_in_by_provider",
    "take_names",
]
