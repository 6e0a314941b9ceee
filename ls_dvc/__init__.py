"""Versions of Label Studio labels that belong to git commits, as DVC pipeline stages."""

__version__ = "0.1.0"
