"""Deeds of the catalogue: loading a file, overriding a fact, loading channels of help."""

from opora.catalog.actions.channels import ChannelsReport, load_channels, load_demo_channels
from opora.catalog.actions.load import LoadReport, load_catalog, load_demo_services
from opora.catalog.actions.override import override_fact

__all__ = [
    "ChannelsReport",
    "LoadReport",
    "load_catalog",
    "load_channels",
    "load_demo_channels",
    "load_demo_services",
    "override_fact",
]
