"""What differs between two versions of the labels: a value first (`compare`), words after."""

from __future__ import annotations

from ls_dvc.labeldiff.diff import (LabelDiff, Side, compare, task_changes)

__all__ = ["LabelDiff", "Side", "compare", "task_changes"]
