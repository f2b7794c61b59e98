"""Shapes of what customers type beside the workflow; whether it may be is the domain's question."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from opora.web import case_forms


class ConfirmForm(forms.Form):
    """A press that needs no words; a field for where a refusal stands."""

    confirmed = forms.CharField(widget=forms.HiddenInput, initial="yes")


class ContractForm(forms.Form):
    access_id = forms.CharField(
        label=_("Access ID"),
        help_text=_("20 letters and digits. Spaces, dashes, upper and lower case do not matter."),
        max_length=100,
        error_messages={"required": _("Enter the Access ID.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )
    contract_id = forms.CharField(
        label=_("Contract ID"),
        help_text=_("12 digits, such as 1234-5678-9012."),
        max_length=100,
        error_messages={"required": _("Enter the Contract ID.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )


class ReplyForm(forms.Form):
    body = forms.CharField(
        label=_("Your message"),
        required=False,  # files may go without words; the deed decides
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ClosingForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        choices=[
            ("solved", _("The problem is solved")),
            ("withdrawn", _("We do not need help with it any more")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it ended.")},
    )


class RatingForm(forms.Form):
    score = forms.TypedChoiceField(
        label=_("How satisfied are you with the support on this request?"),
        choices=[
            (5, _("Very satisfied")),
            (4, _("Satisfied")),
            (3, _("Neither satisfied nor dissatisfied")),
            (2, _("Dissatisfied")),
            (1, _("Very dissatisfied")),
        ],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the five answers.")},
    )
    comment = forms.CharField(
        label=_("What was good, what should be better?"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("Shorten the comment to 2,000 characters.")},
    )


class _WithPeopleKnown(forms.Form):
    """The address may be chosen from the page's list of people worked with."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].widget.attrs["list"] = "people"


class ContactForm(_WithPeopleKnown, case_forms.ContactForm):
    """An additional contact."""


class PrimaryForm(_WithPeopleKnown, case_forms.PrimaryForm):
    """Another primary contact."""
