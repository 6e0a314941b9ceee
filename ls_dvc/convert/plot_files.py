"""The tables for `dvc plots`: readable with three classes and with hundreds of them.

DVC's templates sort bars by their names, and add up bars of one name: so names are unique, and
numbers in them have blanks in front. DVC draws no table without rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from types import MappingProxyType
from typing import NamedTuple

from ls_dvc.convert.label_counts import LabelCounts
from ls_dvc.labels.histogram import Bin
from ls_dvc.labels.measures import Measures

FREQUENT = 25  # classes with a bar
FREQUENT_IN_SPLITS = 8  # classes with a bar for each split

Class = tuple[str, str]  # control and label


class Plot(NamedTuple):
    """How DVC draws a table: its columns `x` and `y`, the template, labels of axes, the title."""

    x: str
    y: str
    template: str
    title: str
    x_label: str | None = None
    y_label: str | None = None

    def properties(self) -> dict[str, str]:
        """As they stand in dvc.yaml."""
        return {name: value for name, value in self._asdict().items() if value is not None}


FREQUENT_CLASSES, CLASS_RANKS = "frequent_classes.csv", "class_ranks.csv"
CLASSES_BY_SPLIT, TASKS = "classes_by_split.csv", "tasks.csv"
REGIONS_PER_TASK, SIZES = "regions_per_task.csv", "sizes.csv"

PLOTS: Mapping[str, Plot] = MappingProxyType(
    {
        FREQUENT_CLASSES: Plot(
            "regions", "class", "bar_horizontal_sorted", f"The {FREQUENT} most frequent classes"
        ),
        CLASS_RANKS: Plot(
            "rank",
            "share",
            "simple",
            "Share of the most frequent classes",
            "most frequent classes",
            "% of all regions",
        ),
        CLASSES_BY_SPLIT: Plot(
            "share", "class", "bar_horizontal", "Classes by split", "% of the regions of the split"
        ),
        TASKS: Plot("tasks", "group", "bar_horizontal", "Tasks by state and split"),
        REGIONS_PER_TASK: Plot("tasks", "regions", "bar_horizontal", "Regions in a task"),
        SIZES: Plot("count", "size", "bar_horizontal", "Sizes of what is labeled"),
    }
)

CLASSES = Plot("tasks", "regions", "scatter", "Classes by their tasks and regions")
"""How DVC draws classes.csv: a point for each class, whose name would not be readable."""

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    FREQUENT_CLASSES: ("class", "regions"),
    CLASS_RANKS: ("rank", "class", "regions", "share"),
    CLASSES_BY_SPLIT: ("class", "split", "regions", "share"),
    TASKS: ("group", "tasks"),
    REGIONS_PER_TASK: ("regions", "tasks"),
    SIZES: ("size", "count"),
}


def all_of(counts: LabelCounts, configured: Iterable[Class]) -> dict[str, bytes]:
    """The tables by name; labels of the config that are not used yet are classes, too."""
    classes = {**dict.fromkeys(configured, 0), **counts.labels}
    ranked = sorted(classes.items(), key=lambda item: (-item[1], item[0]))
    tables = {
        FREQUENT_CLASSES: _frequent(ranked),
        CLASS_RANKS: _ranks(ranked),
        CLASSES_BY_SPLIT: _by_split([pair for pair, _ in ranked[:FREQUENT_IN_SPLITS]], counts),
        TASKS: _tasks(counts),
        REGIONS_PER_TASK: _per_task(counts.measures),
        SIZES: _sizes(counts.measures),
    }
    return {name: _csv(_COLUMNS[name], rows) for name, rows in tables.items()}


def is_own(name: str, start: bytes) -> bool:
    """Whether a file that begins so is the table of this name, if with a mark of a conflict."""
    return ",".join(_COLUMNS[name]).encode() in start.splitlines()[:2]


def _frequent(ranked: Iterable[tuple[Class, int]]) -> Iterator[tuple[object, ...]]:
    rows = [(_name(pair), regions) for pair, regions in ranked][:FREQUENT]
    yield from rows or [("no classes", 0)]


def _ranks(ranked: list[tuple[Class, int]]) -> Iterator[tuple[object, ...]]:
    """From no class on: how many percent of all regions have one of the first classes."""
    sums = list(accumulate(regions for _, regions in ranked))
    yield 0, "", 0, 0.0
    for rank, ((pair, regions), added) in enumerate(zip(ranked, sums, strict=True), 1):
        yield rank, _name(pair), regions, _percent(added, sums[-1])


def _by_split(classes: list[Class], counts: LabelCounts) -> Iterator[tuple[object, ...]]:
    """Of each class the percent of the regions of each split."""
    for split in sorted(counts.splits):
        every = sum(size for (of, *_), size in counts.split_labels.items() if of == split)
        for pair in classes:
            regions = counts.split_labels[(split, *pair)]
            yield f"{_name(pair)}: {split}", split, regions, _percent(regions, every)
    if not counts.splits or not classes:
        yield "no classes in splits", "", 0, 0.0


def _tasks(counts: LabelCounts) -> Iterator[tuple[object, ...]]:
    yield from ((f"state: {name}", size) for name, size in counts.states_document().items())
    yield from ((f"split: {name}", size) for name, size in sorted(counts.splits.items()))


def _per_task(measures: Measures) -> list[Bin]:
    return measures.per_task.bins(width=2) or [Bin("0", 0)]


def _sizes(measures: Measures) -> list[Bin]:
    """Aspects are those of boxes; Vega cuts names of more than some 25 letters."""
    named = {
        "aspect": measures.aspects.bins(width=2),
        "box": measures.box_sizes.bins(width=3),
        "segment": measures.durations.bins(width=7),
        "span": measures.span_lengths.bins(width=7),
        "text": measures.text_lengths.bins(width=7),
    }
    rows = [Bin(f"{name} {each.name}", each.size) for name, bins in named.items() for each in bins]
    return rows or [Bin("nothing with a size", 0)]


def _name(pair: Class) -> str:
    return " / ".join(pair)


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def _csv(columns: tuple[str, ...], rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(columns)
    for row in rows:
        table.writerow([str(cell).encode(errors="replace").decode() for cell in row])
    return out.getvalue().encode()
