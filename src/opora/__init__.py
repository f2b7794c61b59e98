"""Opora: a self-hosted portal for professional support."""

__version__ = "0.1.0"
