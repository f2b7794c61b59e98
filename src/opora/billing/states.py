"""What a purchase's states mean, and which may follow which. Pure."""

from __future__ import annotations

CREATED, CALLING, AWAITING, UNKNOWN = "created", "calling", "awaiting", "unknown"
DECLINED, CAPTURED, CANCELLED = "declined", "captured", "cancelled"

OPEN = (CREATED, CALLING, AWAITING, UNKNOWN, DECLINED)  # may still become a payment
UNSETTLED = (CALLING, UNKNOWN)  # a provider has the last word, and has not said it
PAYABLE = (CREATED, DECLINED)  # the customer may press Pay
