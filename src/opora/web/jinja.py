"""The Jinja2 back end of every page and mail of ours: escaping on, undefined names are errors.

There is one environment a language. What a template says in it never changes while the process
lives, so whole sentences, icons and addresses without a variable are written into the compiled
template, next to the markup around them (`_Folded`); a page looks up its language once, not a
hundred times.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from functools import cache, partial
from typing import Any

from django.template.backends.jinja2 import Jinja2
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import trans_real
from jinja2 import Environment, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from opora.core.formats import language
from opora.core.wording import LANGUAGES, in_language
from opora.web import formats
from opora.web.icons import icon
from opora.web.markdown import markdown

PLAIN = re.compile(r"[A-Za-z0-9_-]+")  # needs no quoting in an address
CONTEXT_ENDS = "\x04"  # between a sentence's context and the sentence, as gettext keeps them


class Pages(Jinja2):
    """Django's Jinja2 back end; a template is that of the language which is active when it is
    asked for."""

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__(params)
        told = {"loader": self.env.loader, "autoescape": True, "auto_reload": self.env.auto_reload}
        self._by_language: dict[str, Jinja2] = {}
        for code in LANGUAGES:
            self._by_language[code] = copy(self)
            self._by_language[code].env = environment(spoken=code, **told)

    def get_template(self, template_name: str) -> Any:
        return Jinja2.get_template(self._by_language[language()], template_name)


class _Folding(Environment):
    """Calls of `folded` whose arguments are all written out are made once, at compilation."""

    folded: dict[str, Callable[..., object]]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        taken = {each.name for each in parsed.find_all(nodes.Name) if each.ctx != "load"}
        folded = {name: call for name, call in self.folded.items() if name not in taken}
        result: nodes.Template = _Folded(folded).visit(parsed)
        return result


class _Folded(NodeTransformer):
    def __init__(self, folded: dict[str, Callable[..., object]]) -> None:
        self.folded = folded

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        called = node.node
        if not isinstance(called, nodes.Name) or called.name not in self.folded:
            return node
        given = [each for each in node.args if isinstance(each, nodes.Const)]
        named = {
            pair.key: pair.value.value
            for pair in node.kwargs
            if isinstance(pair.value, nodes.Const)
        }
        if (len(given), len(named)) != (len(node.args), len(node.kwargs)):
            return node
        if node.dyn_args or node.dyn_kwargs:
            return node
        value = self.folded[called.name](*(each.value for each in given), **named)
        made = nodes.Const(value, lineno=node.lineno)
        made.environment = node.environment
        return made


def environment(*, spoken: str = "en", **options: Any) -> Environment:
    """Made once a process and language."""
    options["undefined"] = StrictUndefined
    options["trim_blocks"] = options["lstrip_blocks"] = True
    made = _Folding(**options, extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
    words = _Words(spoken)
    made.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext,
        words.ngettext,
        newstyle=True,
        pgettext=words.pgettext,
        npgettext=words.npgettext,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.globals.update(static=static, url=url, icon=icon, language=lambda: spoken)
    made.filters.update(formats.FILTERS)
    made.filters["in_language"] = partial(in_language, language=spoken)
    made.filters["markdown"] = markdown
    made.folded = {
        "_": words.sentence,
        "gettext": words.sentence,
        "pgettext": words.sentence_in,
        "static": static,
        "url": url,
        "icon": icon,
        "language": lambda: spoken,
    }
    return made


class _Words:
    """One language's sentences, straight from its catalogue."""

    def __init__(self, spoken: str) -> None:
        self._spoken = spoken

    @property
    def _catalogue(self) -> Any:
        return trans_real.translation(self._spoken)  # kept by Django

    def gettext(self, message: str) -> str:
        return str(self._catalogue.gettext(message))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return str(self._catalogue.ngettext(singular, plural, number))

    def pgettext(self, context: str, message: str) -> str:
        found = self.gettext(f"{context}{CONTEXT_ENDS}{message}")
        return message if CONTEXT_ENDS in found else found

    def npgettext(self, context: str, singular: str, plural: str, number: int) -> str:
        prefix = f"{context}{CONTEXT_ENDS}"
        found = self.ngettext(prefix + singular, prefix + plural, number)
        return found if CONTEXT_ENDS not in found else self.ngettext(singular, plural, number)

    def sentence(self, message: str, /, **named: object) -> Markup:
        """As Jinja2's own newstyle gettext gives it to a template."""
        return Markup(self.gettext(message)) % named  # noqa: S704 - our own sentences

    def sentence_in(self, context: str, message: str, /, **named: object) -> Markup:
        return Markup(self.pgettext(context, message)) % named  # noqa: S704 - our own sentences


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
