"""How many examples hypothesis tries, by the lane that runs."""

from __future__ import annotations

import hypothesis


def examples(number: int) -> int:
    """`number` in `make test`, a fifth of it in `make test-fast` (the profiles of conftest.py)."""
    return max(1, number * hypothesis.settings.default.max_examples // 100)
