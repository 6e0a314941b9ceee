"""Label Studio; no other package sends requests to it."""
