"""Formats for videos."""
