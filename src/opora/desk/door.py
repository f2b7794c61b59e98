"""Who comes through the agents' door."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponseBase

from opora.accounts.models import Account
from opora.core.errors import NotFound

P = ParamSpec("P")


class DeskRequest(HttpRequest):
    """A request of an agent who is signed in, with the second factor (web.accounts.middleware)."""

    user: Account


View = Callable[Concatenate[DeskRequest, P], HttpResponseBase]


def for_agents(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Agents and administrators; to customers there is nothing here (AC-01)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        account = request.user
        if not isinstance(account, Account) or not account.is_agent:
            raise NotFound
        return view(cast(DeskRequest, request), *args, **kwargs)

    return guarded  # type: ignore[return-value]  # wraps() hides the parameters' names


def for_administrators(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Money is for administrators; to other agents and to customers there is nothing here."""

    @wraps(view)
    def guarded(request: DeskRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_administrator:
            raise NotFound
        return view(request, *args, **kwargs)

    return for_agents(guarded)  # type: ignore[arg-type]  # wraps() hides the parameters' names
