"""Shards: 1,000 task ids each."""

from __future__ import annotations

TASKS_PER_SHARD = 1000


def start_of(task_id: int) -> int:
    """The first id of the shard that a task belongs to."""
    return task_id // TASKS_PER_SHARD * TASKS_PER_SHARD
