"""Forms about a case that both doors show: the same fields, words and limits."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class SeverityForm(forms.Form):
    severity = forms.ChoiceField(
        label=_("Severity"),
        choices=[
            ("A", _("A – critical business impact")),
            ("B", _("B – moderate business impact")),
            ("C", _("C – minimal business impact")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose severity A, B or C.")},
    )


class ContactForm(forms.Form):
    """Somebody to be a contact."""

    given_name = forms.CharField(
        label=_("First name"),
        max_length=100,
        error_messages={"required": _("Enter the first name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    family_name = forms.CharField(
        label=_("Last name"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={"required": _("Enter an e-mail address, such as name@example.com.")},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class PrimaryForm(ContactForm):
    """Another primary contact."""

    phone = forms.CharField(
        label=_("Phone number"),
        help_text=_("With the country code, such as +420 601 123 456."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    preferred_contact = forms.ChoiceField(
        label=_("How should the agent get in touch?"),
        choices=[("email", _("By e-mail")), ("phone", _("By phone"))],
        initial="email",
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=_("Language of mails"), choices=[("cs", _("Czech")), ("en", _("English"))]
    )
