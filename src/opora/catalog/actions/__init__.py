"""Deeds of the catalogue: loading a file, overriding a fact."""

from opora.catalog.actions.load import LoadReport, load_catalog, load_demo_services
from opora.catalog.actions.override import override_fact

__all__ = ["LoadReport", "load_catalog", "load_demo_services", "override_fact"]
