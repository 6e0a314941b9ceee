"""The differences between two versions of the labels: `compare` them, then `render` texts."""

from __future__ import annotations

from ls_dvc.labeldiff.diff import DiffSide, LabelDiff, compare, differing_tasks, task_changes

__all__ = ["DiffSide", "LabelDiff", "compare", "differing_tasks", "task_changes"]
