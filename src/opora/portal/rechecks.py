"""Why a step that was passed has to be looked at again: what was changed, and what follows (S6)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from opora.contracts.queries import Coverage
from opora.portal.draft_facts import DraftPage
from opora.web import formats

ABOUT_VERSION = {
    "cloud-products-only",
    "on-premises-products-only",
    "product-not-covered",
    "not-released",
    "support-ended",
    "mainstream-support-ended",
    "version-not-latest",
}


def why_again(page: DraftPage) -> dict[str, list[str]]:
    """By step that was passed: sentences, empty where nothing has changed for it."""
    passed = page.answers.get("passed", ())
    changed = page.answers.get("changed") or {}
    found: dict[str, list[str]] = {}
    if "support" in passed:
        found["support"] = list(_about_support(page, set(changed.get("support", ()))))
    if "primary_contact" in passed and "round_the_clock" in changed.get("primary_contact", ()):
        found["primary_contact"] = [_about_the_clock(page)]
    return found


def _about_support(page: DraftPage, changed: set[str]) -> Iterator[str]:
    answers, version = page.answers, page.subject.version
    was_changed = False
    if changed & {"product", "version"} and version is not None:
        was_changed = True
        yield _("You changed the product or version: the request is now about %(version)s.") % {
            "version": version.name
        }
    if "non_production" in changed:
        was_changed = True
        yield (
            _("You changed the environment: the system is not in production.")
            if answers["non_production"]
            else _("You changed the environment: the system is in production.")
        )
    if answers.get("contract") and page.plans is not None and version is not None:
        yield from _about_contract(page, page.plans, version.name, was_changed=was_changed)


def _about_contract(
    page: DraftPage, plans: Coverage, version: str, *, was_changed: bool
) -> Iterator[str]:
    if page.contract is not None:
        if was_changed:
            yield _(
                "The contract you chose, %(contract)s, can be used for it. Look at the severity "
                "and go on."
            ) % {"contract": formats.contract_id(page.contract.contract_id)}
        return
    chosen = page.answers["contract"]
    judged = next((j for j in plans.unavailable if j.contract.public_id.hex == chosen), None)
    if judged is None:
        yield _("The contract you chose is no longer added to this account: choose another plan.")
        return
    facts = {"contract": formats.contract_id(judged.contract.contract_id), "version": version}
    if ABOUT_VERSION & set(judged.decision.codes):
        yield (
            _(
                "The contract you chose, %(contract)s, does not cover %(version)s: choose another "
                "plan."
            )
            % facts
        )
    else:
        yield (
            _("The contract you chose, %(contract)s, cannot be used for this: choose another plan.")
            % facts
        )
    for reason in judged.decision.reasons:
        yield reason.message


def _about_the_clock(page: DraftPage) -> str:
    if page.answers.get("round_the_clock"):
        return _(
            "You chose support around the clock: check that the phone number is answered day and "
            "night."
        )
    return _("You no longer ask for support around the clock: a phone number is not needed.")
