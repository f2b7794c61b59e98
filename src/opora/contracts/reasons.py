"""What the reasons of eligibility say to people: the sentence of each code, and its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

# Code -> (sentence, remedy), in the order in which reasons are given.
WORDS: dict[str, tuple[StrPromise, StrPromise]] = {
    "not-activated": (
        _("The benefit %(plan)s has not been activated."),
        _("Ask a manager of the benefit, or your vendor, to activate it."),
    ),
    "not-started": (
        _("The contract %(plan)s starts on %(starts_on)s."),
        _("Wait until %(starts_on)s, or use another support plan until then."),
    ),
    "expired": (
        _("The support plan has expired: the last usable day of %(plan)s was %(ends_on)s."),
        _("Ask your vendor to renew the contract, or use another support plan."),
    ),
    "suspended": (
        _("The contract %(plan)s is suspended."),
        _("Ask your vendor why, and to let the contract be used again."),
    ),
    "cancelled": (
        _("The contract %(plan)s has been cancelled."),
        _("Use another support plan, or ask your vendor for a new contract."),
    ),
    "no-incidents-left": (
        _("The support plan %(plan)s has no incidents left."),
        _("Ask your vendor for more incidents, or use another support plan."),
    ),
    "cloud-products-only": (
        _("%(plan)s covers cloud products only, and %(product)s is not one."),
        _("Use a support plan for on-premises products."),
    ),
    "on-premises-products-only": (
        _("%(plan)s covers no cloud products, and %(product)s is one."),
        _("Use a cloud support plan, or the support sold in the portal of %(product)s itself."),
    ),
    "product-not-covered": (
        _("%(plan)s cannot be used for %(product)s."),
        _("Use a support plan that covers %(product)s."),
    ),
    "not-released": (
        _("%(version)s is not released on %(on)s."),
        _("Choose a version that has been released."),
    ),
    "support-ended": (
        _("Support for %(version)s has ended; no support plan covers it on %(on)s."),
        _("Upgrade to a version that is still supported."),
    ),
    "mainstream-support-ended": (
        _("%(version)s is past mainstream support on %(on)s, and %(plan)s covers mainstream only."),
        _(
            "Upgrade to a version in mainstream support, or buy a single incident: "
            "pay-per-incident support covers extended support too, for personal accounts."
        ),
    ),
    "version-not-latest": (
        _(
            "%(plan)s covers the latest version of %(product)s and the one before; "
            "%(version)s is older."
        ),
        _(
            "Upgrade to the latest version or the one before, or buy a single incident: "
            "pay-per-incident support covers older versions too, for personal accounts."
        ),
    ),
    "production-not-covered": (
        _("%(plan)s covers non-production systems only."),
        _(
            "If the system is not in production, say so in step 1; otherwise use a support plan "
            "that covers production."
        ),
    ),
    "severity-not-covered": (
        _("%(plan)s does not cover severity %(severity)s."),
        _("Choose a severity that it covers: %(covered)s."),
    ),
    "account-kind-not-allowed": (
        _("This kind of account cannot buy %(plan)s."),
        _("Sign out, and sign in with a personal account to buy support by card."),
    ),
    "region-not-sold": (
        _("%(plan)s is not sold in your country."),
        _("Buy a single incident instead, or correct the country in your profile."),
    ),
}

# Remedies of a vendor who sells nothing: none may lead to what is not there (S12.3).
WHERE_NOTHING_IS_SOLD: dict[str, StrPromise] = {
    "mainstream-support-ended": _(
        "Upgrade to a version in mainstream support, or ask your vendor for a support plan that "
        "covers extended support."
    ),
    "version-not-latest": _(
        "Upgrade to the latest version or the one before, or ask your vendor for a support plan "
        "that covers older versions."
    ),
}


def sentence_of(code: str) -> StrPromise:
    """Why not, with %(…)s for the reason's facts."""
    return WORDS[code][0]


def remedy_of(code: str) -> StrPromise:
    """What to do about it, with %(…)s for the reason's facts."""
    remedy = WORDS[code][1]
    return remedy if settings.PAYMENTS else WHERE_NOTHING_IS_SOLD.get(code, remedy)
