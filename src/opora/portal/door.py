"""Who comes through the customers' door."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from opora.accounts.models import Account

P = ParamSpec("P")


class PortalRequest(HttpRequest):
    """A request of a customer who is signed in."""

    user: Account


View = Callable[Concatenate[PortalRequest, P], HttpResponseBase]


def for_customers(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Agents go to their desk. (Who has no profile yet is asked for it before: S5.2.)"""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        account = request.user
        if not isinstance(account, Account) or account.is_agent:
            return redirect("/desk/")
        return view(cast(PortalRequest, request), *args, **kwargs)

    return guarded  # type: ignore[return-value]  # wraps() hides the parameters' names
