"""What a contract's terms cover, as sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _

from opora.contracts.terms import Terms
from opora.web.formats import listing


def plain_coverage(terms: Terms) -> list[str]:
    """What the terms cover, a sentence each, in the reader's language."""
    coverage = terms.coverage
    sentences = [_products(terms)]
    sentences.append(_versions(terms))
    if not coverage.is_production_covered:
        sentences.append(_("Systems that are not in production only."))
    severities = listing(sorted(terms.severities))
    sentences.append(_("Severities %(severities)s.") % {"severities": severities})
    if terms.round_the_clock:
        sentences.append(
            _("Around the clock with severity %(severities)s.")
            % {"severities": listing(sorted(terms.round_the_clock))}
        )
    return sentences


def _products(terms: Terms) -> str:
    coverage = terms.coverage
    if coverage.is_cloud_only:
        return _("Cloud products only.")
    if not coverage.has_cloud:
        if "developer" not in coverage.deployments:
            return _("All products but cloud services and developer tools.")
        return _("All products but cloud services.")
    return _("All products.")


def _versions(terms: Terms) -> str:
    coverage = terms.coverage
    if coverage.max_generation is not None:
        return _("The latest version of a product and the one before, in mainstream support.")
    phases = {
        phase for deployment in coverage.deployments for phase in coverage.phases_for(deployment)
    }
    developer = coverage.phases_for("developer")
    others = {p for d in coverage.deployments - {"developer"} for p in coverage.phases_for(d)}
    if "developer" in coverage.deployments and "extended" in developer and "extended" not in others:
        return _("Versions in mainstream support; developer products in extended support too.")
    if phases == {"mainstream"}:
        return _("Versions in mainstream support.")
    if coverage.is_cloud_only:
        return _("Every version that is released and supported.")
    return _("Versions in mainstream and in extended support.")
