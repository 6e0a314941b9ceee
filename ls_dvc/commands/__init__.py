"""Use cases: one module for each command, called as in the README; they return values."""
