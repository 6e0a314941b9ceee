"""One annotator has two annotations of the same task, neither of them skipped.

Most often somebody meant to correct the first one and made a second. Which of them is used depends
on `label_studio.annotations`; agreement would compare a person with themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ls_dvc.check.families import TASK
from ls_dvc.check.faults import Level, Quote, RuleFinding
from ls_dvc.check.interface import NoOptions
from ls_dvc.check.views import TaskView

LEVEL = Level.WARNING
REVISION = 1
LOOKS_AT = (TASK,)
OPTIONS = NoOptions


def check(task: TaskView, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Annotators with several annotations; one who is not known is not one person."""
    if len(task.annotations) < 2:
        return
    annotators = Counter(each.annotator for each in task.annotations)
    several = [(each, count) for each, count in annotators.items() if each is not None]
    for annotator, count in sorted(several):
        if count > 1:
            words = ("has several annotations by annotator ", Quote(str(annotator)))
            yield RuleFinding(task.id, words, at={"annotations": count})
