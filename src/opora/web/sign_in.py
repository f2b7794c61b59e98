"""How allauth's flows meet our accounts."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Personal accounts and agents: address and password."""


class WorkAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Work accounts: the organisation's own provider."""
