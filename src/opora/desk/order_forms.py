"""Shapes of what administrators type about purchases; whether it may be, the domain decides."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opora.accounts.places import countries
from opora.billing.queries.orders import Narrowing, Show
from opora.billing.refunds import CHOICES, REASONS, Refundable, Wanted, price_of, whole
from opora.core import formats
from opora.core.currencies import decimals
from opora.desk.order_words import PROVIDERS, STATES, refund_words

ANY = gettext_lazy("Any")
DAY = {"invalid": gettext_lazy("Enter a day, such as 2026-11-24.")}
# Days far off have no instant in every zone.
IN_REACH: list[BaseValidator] = [
    MinValueValidator(date(1970, 1, 1), DAY["invalid"]),
    MaxValueValidator(date(9000, 1, 1), DAY["invalid"]),
]
SPACES = str.maketrans("", "", " \u00a0\u202f")


class OrdersForm(forms.Form):
    """What narrows the list; every field may be empty."""

    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    provider = forms.ChoiceField(label=gettext_lazy("Paid by"), required=False)
    currency = forms.RegexField(
        regex="^[A-Za-z]{3}$",
        label=gettext_lazy("Currency"),
        required=False,
        max_length=3,
        error_messages={"invalid": gettext_lazy("Enter three letters, such as EUR.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 3}),
    )
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    since = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages=DAY,
        validators=IN_REACH,
        widget=forms.TextInput(attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=gettext_lazy("To"),
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages=DAY,
        validators=IN_REACH,
        widget=forms.TextInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices: dict[str, list[tuple[str, Any]]] = {
            "state": [(code, words) for code, (words, _tone) in STATES.items()],
            "provider": list(PROVIDERS.items()),
            "country": list(countries()),
        }
        for name, known in choices.items():
            _offer(self.fields[name], [("", ANY), *known])

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def narrowing(self, show: Show, words: str) -> Narrowing:
        """What was asked for; a field that cannot be read does not narrow."""
        self.is_valid()
        return Narrowing(show=show, words=words, **self.cleaned_data)


class RefundForm(forms.Form):
    """All that is left, or a part: so many incidents, for their share or for another amount."""

    what = forms.ChoiceField(
        label=gettext_lazy("What goes back?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how much goes back.")},
    )
    incidents = forms.IntegerField(
        label=gettext_lazy("Incidents to take back"),
        required=False,
        min_value=0,
        max_value=100_000,
        error_messages={
            "invalid": gettext_lazy("Enter a whole number of incidents."),
            "min_value": gettext_lazy("Enter a whole number of incidents."),
            "max_value": gettext_lazy("Enter a whole number of incidents."),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    amount = forms.CharField(
        label=gettext_lazy("Amount to refund"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"),
        choices=[(code, REASONS[code]) for code in CHOICES],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a reason.")},
    )

    def __init__(self, *args: Any, standing: Refundable, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.standing, self.currency = standing, currency
        self.digits = decimals(currency)
        left, unused = whole(standing)
        whole_words = refund_words(left, currency, unused)
        _offer(self.fields["what"], [("whole", whole_words), ("part", _("Refund a part of it"))])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("what") == "part" and not self.errors:
            incidents = given["incidents"] or 0
            amount = self._minor(given["amount"]) if given["amount"] else None
            if amount is None and not self.errors:
                amount = price_of(incidents, self.standing)
                if not amount:
                    self.add_error("amount", _("Enter how many incidents, or an amount."))
            given["minor"] = amount
        return given

    def wanted(self) -> Wanted:
        """What was chosen, once valid."""
        given = self.cleaned_data
        if given["what"] == "whole":
            amount, incidents = whole(self.standing)
            return Wanted(amount, incidents, given["reason"])
        return Wanted(given["minor"], given["incidents"] or 0, given["reason"])

    def _minor(self, typed: str) -> int | None:
        """`1 240,50` in minor units; an error on the field if it is none."""
        try:
            value = Decimal(typed.translate(SPACES).replace(",", "."))
            minor = value.scaleb(self.digits)
            if minor == minor.to_integral_value() and 0 < minor < 10**15:
                return int(minor)
        except InvalidOperation:
            pass
        example = formats.money(self.standing.left or 1, self.currency)
        self.add_error("amount", _("Enter an amount, such as %(amount)s.") % {"amount": example})
        return None


class RefundStepForm(forms.Form):
    """What was chosen and shown, on its way back to be done. The deed judges it again."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    minor = forms.IntegerField(min_value=1, max_value=10**15, widget=forms.HiddenInput)
    units = forms.IntegerField(min_value=0, max_value=100_000, widget=forms.HiddenInput)
    why = forms.ChoiceField(choices=[(code, code) for code in CHOICES], widget=forms.HiddenInput)

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        return Wanted(given["minor"], given["units"], given["why"])


def _offer(field: forms.Field, choices: list[tuple[str, Any]]) -> None:
    if isinstance(field, forms.ChoiceField):
        field.choices = choices
