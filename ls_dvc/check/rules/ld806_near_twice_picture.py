"""Two tasks show nearly the same picture: saved anew, scaled, or the next frame of a video.

A model may be tested on what it was trained on. Pictures are near when at most 4 of the 64 bits of
their difference hashes differ, and blanks are left out. Only pinned pictures that are on this
machine are compared, so the reports of the stage, which must be the same everywhere, leave this
rule out: `ls-dvc check --select LD806 --all` lists what it finds. The fault belongs to the later
task. The same file twice is LD801.
"""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.check.families import TASK
from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.interface import Groups, NoOptions, Observation
from ls_dvc.check.near_hashes import first_near
from ls_dvc.check.views import CheckContext, TaskView
from ls_dvc.labels.shown_objects import shown_objects

LEVEL = Level.PREVIEW
REVISION = 1
LOOKS_AT = (TASK,)
OPTIONS = NoOptions


def observe(task: TaskView, options: NoOptions) -> Iterator[Observation]:  # noqa: ARG001
    """The pictures that an annotated task shows, by their contents."""
    if not task.annotations:
        return
    for shown in shown_objects(task.context.config, task.task.get("data")):
        for _, address in shown.items:
            entry = task.media.get(address) if isinstance(address, str) else None
            file = entry.file if entry is not None else None
            if file is not None and file.type.startswith("image/"):
                yield file.sha256, task.id


def faults(groups: Groups, context: CheckContext, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Each task with a picture that is near one of an earlier task, once."""
    hashes = context.picture_hashes
    pictures = sorted((tasks[0], digest) for digest, tasks in groups.items() if digest in hashes)
    found = set[int]()
    for later, earlier in first_near(hashes[digest] for _, digest in pictures):
        (task, digest), (first, _) = pictures[later], pictures[earlier]
        if task != first and task not in found:
            found.add(task)
            words = (f"shows nearly the same picture as task {first}",)
            yield RuleFinding(task, words, at={"first": first}, subject=digest)
