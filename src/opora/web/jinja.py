"""The Jinja2 environment of every page of ours: escaping on, undefined names are errors."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext, ngettext, npgettext, pgettext
from jinja2 import Environment, StrictUndefined

from opora.core.formats import language
from opora.core.wording import in_language
from opora.web import formats
from opora.web.icons import icon

PLAIN = re.compile(r"[A-Za-z0-9_-]+")  # needs no quoting in an address


def environment(**options: Any) -> Environment:
    """Made once a process by Django's Jinja2 back end."""
    options["undefined"] = StrictUndefined
    options["trim_blocks"] = options["lstrip_blocks"] = True
    made = Environment(**options, extensions=["jinja2.ext.i18n", "jinja2.ext.do"])  # noqa: S701 - Django passes autoescape
    made.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    made.policies["ext.i18n.trimmed"] = True
    made.globals.update(static=static, url=url, icon=icon, language=language)
    made.filters.update(formats.FILTERS)
    made.filters["in_language"] = in_language
    return made


def url(name: str, *arguments: object, **named: object) -> str:
    """The address of a page: `url("portal:case", case.number)`."""
    if named or not all(type(text) is str and PLAIN.fullmatch(text) for text in arguments):
        return reverse(name, args=arguments, kwargs=named)
    return _pattern(name, len(arguments)) % arguments


@cache
def _pattern(name: str, count: int) -> str:
    """An address with `%s` where its arguments go. Every page names dozens; looking one up costs as
    much as writing a row of a list."""
    marks = [f"argument{place}" for place in range(count)]
    address = reverse(name, args=marks).replace("%", "%%")
    for mark in marks:
        address = address.replace(mark, "%s", 1)
    return address
