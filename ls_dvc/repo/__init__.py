"""The only rooms that speak with git and DVC."""
