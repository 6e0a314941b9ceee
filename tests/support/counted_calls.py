"""How often a function of ours is called: work that is measured without a clock."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest


def counted_calls(patch: pytest.MonkeyPatch, module: ModuleType, name: str) -> Callable[[], int]:
    """Have a function of `module` count its calls; what is returned says how many there were."""
    function, total = getattr(module, name), 0

    def counting(*arguments: Any, **named: Any) -> Any:
        nonlocal total
        total += 1
        return function(*arguments, **named)

    patch.setattr(module, name, counting)
    return lambda: total
