"""The only rooms that speak with Label Studio."""
