"""Mails about a purchase, to the account that bought: what proves it was paid, and how to pay."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from opora.accounts.models import Account
from opora.billing.models import Paper, Purchase, Refund
from opora.billing.queries.papers import receipt_of
from opora.billing.wording import paid_by
from opora.core import formats
from opora.core.wording import in_language
from opora.notifications.letters import Letter


def receipt(to: Account, purchase: Purchase) -> Letter | None:
    """The money came and the incidents are there (S7.4); None if there is no receipt."""
    paper = receipt_of(purchase)
    if paper is None or purchase.contract is None:
        return None
    words = _words(purchase) | {"number": paper.number}
    return _letter(
        to,
        purchase,
        subject=_("Receipt %(number)s: %(amount)s paid") % words,
        paragraphs=(
            _("Your payment of %(amount)s has arrived.") % words,
            ngettext(
                "%(count)s incident is yours, and you can use it at once.",
                "%(count)s incidents are yours, and you can use them at once.",
                purchase.incidents,
            )
            % words,
        ),
        facts=(
            (_("Receipt"), paper.number),
            (_("Plan"), in_language(purchase.plan_version.plan.names)),
            (_("Contract ID"), purchase.contract.shown_contract_id or ""),
            *_sums(paper, purchase),
            (_("Paid by"), paid_by(purchase)),
        ),
        action=_("Open the purchase"),
        closing=(_("The receipt as PDF is on the page of the purchase."),),
    )


def refunded(to: Account, refund: Refund) -> Letter | None:
    """Money went back; None as long as no credit note says so."""
    purchase = refund.purchase
    paper = Paper.objects.filter(refund=refund).first()
    if paper is None:
        return None
    words = _words(purchase) | {
        "number": paper.number,
        "amount": formats.money(refund.amount, purchase.currency),
        "count": refund.incidents,
    }
    taken = (
        (
            ngettext(
                "%(count)s unused incident was taken off your contract for it.",
                "%(count)s unused incidents were taken off your contract for it.",
                refund.incidents,
            )
            % words,
        )
        if refund.incidents
        else ()
    )
    way = (
        _("It goes back to the card you paid with; banks take up to ten days.")
        if purchase.card_last4
        else _("It goes back by bank transfer.")
    )
    return _letter(
        to,
        purchase,
        subject=_("Credit note %(number)s: %(amount)s refunded") % words,
        paragraphs=(_("We have refunded %(amount)s.") % words, way, *taken),
        facts=(
            (_("Credit note"), paper.number),
            (_("Purchase"), purchase.number),
            *_sums(paper, purchase),
            (_("Refunded to"), paid_by(purchase)),
        ),
        action=_("Open the purchase"),
        closing=(_("The credit note as PDF is on the page of the purchase."),),
    )


def awaiting(to: Account, purchase: Purchase) -> Letter | None:
    """How to pay outside; None once it was paid or given up."""
    if purchase.state != Purchase.State.AWAITING:
        return None
    words = _words(purchase)
    return _letter(
        to,
        purchase,
        subject=_("How to pay for support: %(amount)s, reference %(reference)s") % words,
        paragraphs=(
            _("Please transfer %(amount)s with the reference %(reference)s.") % words,
            ngettext(
                "The incident is yours as soon as %(vendor)s has confirmed the payment. "
                "Your request stays saved until then.",
                "The incidents are yours as soon as %(vendor)s has confirmed the payment. "
                "Your request stays saved until then.",
                purchase.incidents,
            )
            % words,
        ),
        facts=(
            (_("Amount"), words["amount"]),
            (_("Account"), settings.BANK_ACCOUNT),
            (_("Reference"), purchase.number),
            (_("Plan"), in_language(purchase.plan_version.plan.names)),
        ),
        action=_("Open the purchase"),
        closing=(_("If you do not want it any more, give the purchase up on its page."),),
    )


def _words(purchase: Purchase) -> dict[str, object]:
    return {
        "amount": formats.money(purchase.amount, purchase.currency),
        "reference": purchase.number,
        "count": purchase.incidents,
        "vendor": settings.VENDOR_NAME,
    }


def _sums(paper: Paper, purchase: Purchase) -> tuple[tuple[str, str], ...]:
    net, tax, whole = (
        formats.money(amount, purchase.currency)
        for amount in (paper.amount - paper.tax, paper.tax, paper.amount)
    )
    rate = {"rate": formats.tax_rate(purchase.tax_rate)}
    return (
        (_("Price without tax"), net),
        (_("Tax (%(rate)s)") % rate, tax),
        (_("Total"), whole),
    )


def _letter(
    to: Account,
    purchase: Purchase,
    *,
    subject: str,
    paragraphs: tuple[str, ...],
    facts: tuple[tuple[str, object], ...],
    action: str,
    closing: tuple[str, ...],
) -> Letter:
    return Letter(
        to=to.email,
        language=to.language or "en",
        subject=subject,
        greeting=_("Hello %(name)s,") % {"name": to.full_name},
        paragraphs=paragraphs,
        facts=tuple((term, str(said)) for term, said in facts if said),
        action=action,
        path=f"/purchases/{purchase.key}/",
        closing=closing,
        thread=f"purchase:{purchase.key}",
        reason=_("You get this mail because you bought support with this account."),
        list_name="purchases",
    )
