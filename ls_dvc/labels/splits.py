"""Which split a task belongs to; never changed by what other tasks there are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from ls_dvc.io import canonical_json
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.policy import Split

_DIGITS = 13  # of the digest, in hexadecimal: as many as a float holds


def split_of(task: Task, split: Split) -> str:
    """The name of the split of a task: always the same, and one for all tasks with an equal key."""
    data = task.get("data")
    key = data.get(split.by) if split.by and isinstance(data, Mapping) else None
    text = canonical_json.text(task["id"] if key is None else key)
    digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()
    position = int(digest[:_DIGITS], 16) / 16**_DIGITS
    end = 0.0
    for name, share in split.shares:
        end += share
        if position < end:
            return name
    return split.shares[-1][0]
