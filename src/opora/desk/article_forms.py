"""Shapes of what agents type into articles."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opora.knowledge.document import LONGEST_BODY, LONGEST_TITLE
from opora.knowledge.models import Audience, Edition

MOST_WORDS = 50


class ListField(forms.CharField):
    """Words between commas; empty ones and repetitions do not count."""

    def clean(self, value: str) -> list[str]:
        text = super().clean(value) or ""
        return list(dict.fromkeys(" ".join(one.split()) for one in text.split(",") if one.strip()))


class AboutForm(forms.Form):
    """What an article is about, in every language."""

    audience = forms.ChoiceField(label=gettext_lazy("Who reads it"), choices=Audience.choices)
    subjects = ListField(
        label=gettext_lazy("Products"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy(
            "Ids of the catalog between commas, such as sql-server, or "
            "windows-server/windows-server-2022 for one version."
        ),
    )
    keywords = ListField(
        label=gettext_lazy("Keywords"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy(
            "What people may type that the text does not say: codes, old names."
        ),
    )

    def clean_keywords(self) -> list[str]:
        words: list[str] = self.cleaned_data["keywords"]
        if len(words) > MOST_WORDS or any(len(word) > LONGEST_TITLE for word in words):
            raise ValidationError(_("Name at most 50 keywords of at most 200 characters."))
        return words


class TextForm(forms.Form):
    """An article's text in one language."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=LONGEST_TITLE,
        help_text=gettext_lazy("The trouble as its reader would say it."),
        error_messages={"required": gettext_lazy("Write a title that names the trouble.")},
    )
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=LONGEST_BODY,
        help_text=gettext_lazy(
            "Markdown: **bold**, `command`, 1. steps, ## heading, [words](https://…)."
        ),
        error_messages={"required": gettext_lazy("Write what to do about it.")},
        widget=forms.Textarea(attrs={"rows": 18}),
    )


class EditionForm(TextForm):
    """`seen`: when the version was last changed, as its page was opened."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def clean_seen(self) -> str:
        text: str = self.cleaned_data["seen"]
        try:
            datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError(_("Open the version again: the page was not complete.")) from None
        return text


class ArticleForm(AboutForm, TextForm):
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=Edition.Language.choices)
    field_order = ("language", "title", "body", "audience", "subjects", "keywords")
