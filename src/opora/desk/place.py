"""Where in the queue an agent works: the view and its order, as an address that can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args
from urllib.parse import urlencode

from opora.cases.queries import Order, View

VIEWS = get_args(View)
ORDERS = get_args(Order)
# What matters first where nothing else was asked for.
USUAL_ORDER: dict[str, Order] = {"mine": "due", "unassigned": "due"}


@dataclass(frozen=True)
class Place:
    """A view of the queue in an order."""

    view: View = "mine"
    by: Order = "due"

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Place:
        """From an address's parameters; what is unknown is as if it were not there."""
        view = asked.get("view", "")
        view = view if view in VIEWS else "mine"
        by = asked.get("by", "")
        by = by if by in ORDERS and view != "closed" else USUAL_ORDER.get(view, "activity")
        return cls(view=cast(View, view), by=cast(Order, by))

    def query(self, **changed: str) -> str:
        """The parameters that lead back here, or to a place next to it: `?view=mine&by=due`."""
        view = changed.pop("view", self.view)
        by = changed.pop("by", "" if view != self.view else self.by)
        wanted = {"view": view, "by": by, **changed}
        return "?" + urlencode({name: value for name, value in wanted.items() if value})
