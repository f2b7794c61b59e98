"""Shapes of what agents type; whether it may be is the domain's question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from opora.accounts.models import Account
from opora.web import case_forms

OUTCOMES = [
    ("solved", pgettext_lazy("outcome", "Solved")),
    ("workaround", pgettext_lazy("outcome", "Worked around")),
    ("product_defect", pgettext_lazy("outcome", "Product defect")),
    ("duplicate", pgettext_lazy("outcome", "Duplicate")),
    ("withdrawn", pgettext_lazy("outcome", "Withdrawn")),
    ("out_of_scope", pgettext_lazy("outcome", "Out of scope")),
]


class DeedForm(forms.Form):
    """Anything done to a case: with the revision the agent looked at (F-32).

    `is_overtaken`: somebody changed the case after it; the page says what changed.
    """

    revision = forms.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        widget=forms.HiddenInput,
        error_messages={"required": _("Open the request again: the page was not complete.")},
    )
    is_overtaken = False


class ReplyForm(DeedForm):
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[
            ("answer", _("Answer")),
            ("question", _("Question to the customer")),
            ("note", _("Note for agents only")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you are writing.")},
    )
    body = forms.CharField(
        label=_("Your message"),
        required=False,  # files may go without words; the deed decides
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class AssignmentForm(DeedForm):
    """`agents`: those to whom the case may go."""

    to = forms.ChoiceField(
        label=_("Support agent"), error_messages={"required": _("Choose an agent.")}
    )

    def __init__(self, *args: Any, agents: Sequence[Account], **options: Any) -> None:
        super().__init__(*args, **options)
        self.agents = {agent.public_id.hex: agent for agent in agents}
        names = [(key, agent.full_name or agent.email) for key, agent in self.agents.items()]
        self.fields["to"] = forms.ChoiceField(
            label=_("Support agent"),
            choices=[("", _("Choose an agent")), *names],
            error_messages={
                "required": _("Choose an agent."),
                "invalid_choice": _("Choose an agent who sees this queue."),
            },
        )


class ProposalForm(DeedForm):
    outcome = forms.ChoiceField(
        label=_("How does it end?"),
        choices=OUTCOMES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it ends.")},
    )
    body = forms.CharField(
        label=_("Message to the customer"),
        help_text=_("What solved it, or why it ends so. It is sent with the proposal."),
        strip=False,
        error_messages={"required": _("Write a message.")},
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class ClosingForm(DeedForm):
    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        choices=OUTCOMES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it ended.")},
    )
    return_unit = forms.BooleanField(
        label=_("Out of scope: give the incident back"), required=False
    )


class SeverityForm(DeedForm, case_forms.SeverityForm):
    reason = forms.CharField(
        label=_("Why does it change?"),
        help_text=_("Kept with the request, for agents only."),
        strip=False,
        error_messages={"required": _("Say why the severity changes.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ThirdPartyForm(DeedForm):
    reason = forms.CharField(
        label=_("Whom are we waiting for, and for what?"),
        help_text=_("The customer reads it on the request."),
        max_length=500,
        error_messages={"required": _("Say whom we are waiting for, and for what.")},
    )


class PrimaryForm(DeedForm, case_forms.PrimaryForm):
    """Another primary contact."""
