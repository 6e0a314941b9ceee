"""A check as text: each renderer takes a `CheckResult` and the faults to list, and returns text."""
