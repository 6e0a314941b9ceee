"""Formats for images: boxes, polygons, masks and key points."""
