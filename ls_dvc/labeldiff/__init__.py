"""What differs between two versions of the labels: a value first (`compare`), words after."""

from __future__ import annotations

from ls_dvc.labeldiff.diff import DiffSide, LabelDiff, compare, task_changes

__all__ = ["DiffSide", "LabelDiff", "compare", "task_changes"]
