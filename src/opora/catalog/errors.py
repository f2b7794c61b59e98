"""Refusals of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from opora.core.errors import InvalidInput


@dataclass(eq=False)
class UnknownProduct(InvalidInput):
    """No product has that id. The field is `product`."""

    @classmethod
    def named(cls, slug: str) -> UnknownProduct:
        message = _("There is no product “%(product)s”.") % {"product": slug}
        return cls(errors=[{"field": "product", "message": message}])


@dataclass(eq=False)
class UnknownVersion(InvalidInput):
    """The product has no version of that id. The field is `version`."""

    @classmethod
    def named(cls, slug: str, *, product: str) -> UnknownVersion:
        message = _("Product “%(product)s” has no version “%(version)s”.") % {
            "product": product,
            "version": slug,
        }
        return cls(errors=[{"field": "version", "message": message}])


@dataclass(eq=False)
class UnknownProblem(InvalidInput):
    """The product has no problem of that id. The field is `problem`."""

    @classmethod
    def named(cls, slug: str, *, product: str) -> UnknownProblem:
        message = _("Product “%(product)s” has no problem “%(problem)s”.") % {
            "product": product,
            "problem": slug,
        }
        return cls(errors=[{"field": "problem", "message": message}])


@dataclass(eq=False)
class BadCatalogue(InvalidInput):
    """A catalogue file that cannot be taken. `errors`: one a bad row, `field` its JSON pointer."""


@dataclass(eq=False)
class BadChannels(InvalidInput):
    """A file of channels that cannot be taken. `errors`: one a fault, `field` its JSON pointer."""


@dataclass(eq=False)
class BadOverride(InvalidInput):
    """An override of a fact that does not exist, or by a value of another type."""
