"""What of buying anybody may ask. Nothing here writes."""

from opora.billing.queries.offers import Offer, Offers, offer_of, offers_for
from opora.billing.queries.purchases import open_purchase_of, purchase_for, unused_purchase_of

__all__ = [
    "Offer",
    "Offers",
    "offer_of",
    "offers_for",
    "open_purchase_of",
    "purchase_for",
    "unused_purchase_of",
]
