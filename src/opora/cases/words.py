"""Codes of cases as they are called inside sentences, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _


def outcome_name(outcome: str) -> str:
    """An outcome inside a sentence, after a colon."""
    return {
        "solved": _("the problem is solved"),
        "workaround": _("there is a workaround"),
        "product_defect": _("it is a defect of the product"),
        "duplicate": _("it is a duplicate of another request"),
        "out_of_scope": _("it is outside of what support covers"),
        "withdrawn": _("it was withdrawn"),
        "no_reply": _("no reply came"),
    }[outcome]
