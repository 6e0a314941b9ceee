"""The same words have another label than nearly everywhere else.

Where a text was labeled at least `times` times, and a `share` of these agree on a label, the others
are most often slips: a name that is a Person in eighty places and an Organisation in one. Letter
case and white space do not make words different, and controls are compared each with itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from ls_dvc.check.families import SPAN
from ls_dvc.check.faults import Level, Quote, RuleFinding
from ls_dvc.check.interface import Groups, Observation
from ls_dvc.check.views import CheckContext, TaskView
from ls_dvc.settings.schema import Settings, between

LEVEL = Level.WARNING
REVISION = 1
LOOKS_AT = (SPAN,)

LONGEST = 100  # characters of a text that is compared; longer ones hardly repeat


class OtherwiseOptions(Settings, frozen=True, kw_only=True):
    """How sure the label of a text has to be."""

    times: Annotated[int, between(2)] = 5
    """How often the text must be labeled."""
    share: Annotated[float, between(0.5, 1)] = 0.8
    """The share of these with one label."""


OPTIONS = OtherwiseOptions


def observe(task: TaskView, options: OtherwiseOptions) -> Iterator[Observation]:  # noqa: ARG001
    """Each labeled text: its task, region and labels."""
    for span in task.spans:
        text = " ".join(span.marked.split()).casefold()
        if text and len(text) <= LONGEST and span.region.labels:
            control = task.context.config.declared_control(span.region.control)
            region = span.region
            labels = ", ".join(sorted(region.labels))
            observed = [task.id, region.control, region.id, labels, span.start, span.end]
            yield f"{control}\n{text}", observed  # no text has line ends by now


def faults(
    groups: Groups,
    context: CheckContext,  # noqa: ARG001
    options: OtherwiseOptions,
) -> Iterator[RuleFinding]:
    """The labels of each text that most of its places do not have."""
    for key, observed in groups.items():
        if len(observed) >= options.times:
            yield from _otherwise(key.rpartition("\n")[2], observed, options.share)


def _otherwise(text: str, observed: Sequence[Any], share: float) -> Iterator[RuleFinding]:
    counts = Counter(label for _, _, _, label, _, _ in observed)
    (usual, times), *others = counts.most_common()
    if not others or times < share * len(observed):
        return
    for task, control, region, label, start, end in observed:
        if label != usual:
            words = (
                Quote(text),
                " is labeled ",
                Quote(label),
                ", and ",
                Quote(usual),
                f" in {times} of {len(observed)} places",
            )
            yield RuleFinding(task, words, control, (region,), {"start": start, "end": end})
