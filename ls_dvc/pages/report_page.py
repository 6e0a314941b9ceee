"""The page of a version: what is in the labels, how they grew, and where annotators disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

from ls_dvc.labels.histogram import Bin
from ls_dvc.pages import document, report_findings
from ls_dvc.pages.grid import CELLS
from ls_dvc.pages.report_findings import DuplicateGroup, LedgerRow
from ls_dvc.pages.survey import Survey

HEAT_MAPS = 12  # of classes, the most frequent ones
VERSIONS = 12  # of which the growth is shown, the newest
GROUPS = 50  # of duplicates that are listed


class VersionColumn(NamedTuple):
    """A version in the table of growth: regions by (control, label)."""

    name: str
    date: str
    tasks: int
    labels: Mapping[tuple[str, str], int]


class GalleryImage(NamedTuple):
    """A region on its image: a part of the image as JPEG, `view` in pixels, and the path."""

    task: int
    view: tuple[float, float, float, float]
    path: str
    jpeg: bytes


class GalleryText(NamedTuple):
    """A span in its text."""

    task: int
    before: str
    words: str
    after: str


Gallery = Mapping[tuple[str, str], Sequence[GalleryImage | GalleryText]]
"""Examples by (control, label)."""


@dataclass(frozen=True)
class ReportPage:
    """What the page is about; `facts` and `tiles` are pairs of a word and a value for its head.

    `warnings` are sentences to show first.
    """

    name: str
    facts: Sequence[tuple[str, str]]
    tiles: Sequence[tuple[str, str]]
    survey: Survey
    ledger: Sequence[LedgerRow] = ()
    growth: Sequence[VersionColumn] = ()
    duplicates: Sequence[DuplicateGroup] = ()
    link: Callable[[int], str] | None = None
    warnings: Sequence[str] = ()


class ClassTotals(NamedTuple):
    """A row of the table of classes; `share` is that of the largest, 0 to 100."""

    control: str
    label: str
    total: int
    by_split: tuple[int, ...]
    share: float


class Chart(NamedTuple):
    """A chart of bars."""

    title: str
    bins: Sequence[Bin]
    most: int


def render(page: ReportPage, max_size: int, gallery: Callable[[int], Gallery]) -> bytes:
    """The page; the same for the same version, history and thumbnails.

    `gallery` is called with the bytes that are left for its images within `max_size`.
    """
    frame = document.html(
        "report.html.jinja", _values(page), ("page.css", "colors.css", "report.css"), ""
    )
    shown = gallery(max_size - len(frame))
    values = {
        "gallery": shown,
        "link": page.link,
        "base64": document.base64_of,
        "is_image": lambda item: isinstance(item, GalleryImage),
    }
    made = document.part("gallery.html.jinja", values) if shown else b""
    return document.filled(frame, {"gallery": [made]})


def _values(page: ReportPage) -> dict[str, Any]:
    splits = tuple(sorted(page.survey.splits))
    return {
        "page": page,
        "tiles": [*page.tiles, *_tiles(page)],
        "findings": list(report_findings.findings(page.survey, page.ledger, page.duplicates)),
        "survey": page.survey,
        "splits": splits,
        "classes": _classes(page.survey, splits),
        "charts": list(_charts(page.survey)),
        "heat_maps": _heat_maps(page.survey),
        "cells": CELLS,
        "people": list(_people(page.survey)),
        "agreements": page.survey.agreement.agreements(),
        "growth": page.growth[-VERSIONS:],
        "growth_rows": _growth_rows(page.growth[-VERSIONS:]),
        "duplicates": page.duplicates[:GROUPS],
    }


def _tiles(page: ReportPage) -> list[tuple[str, str]]:
    used = sum(counts.total() > 0 for counts in page.survey.labels.values())
    annotators = len(page.survey.annotators)
    return [
        ("class in use" if used == 1 else "classes in use", f"{used:,}"),
        ("annotator" if annotators == 1 else "annotators", f"{annotators:,}"),
    ]


def _classes(survey: Survey, splits: Sequence[str]) -> list[ClassTotals]:
    totals = {key: counts.total() for key, counts in survey.labels.items()}
    most = max([1, *totals.values()])
    return [
        ClassTotals(
            *key,
            total,
            tuple(survey.labels[key][split] for split in splits),
            round(100 * total / most, 2),
        )
        for key, total in sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    ]


def _charts(survey: Survey) -> Iterator[Chart]:
    measures = survey.measures
    found = {
        "Regions in a task": measures.per_task.bins(),
        "Size of boxes (root of their area in the image)": measures.box_sizes.bins(),
        "Width by height of boxes": measures.aspects.bins(),
        "Characters of texts": measures.text_lengths.bins(),
        "Characters of spans": measures.span_lengths.bins(),
        "Duration of segments": measures.durations.bins(),
    }
    for title, bins in found.items():
        if any(each.size for each in bins):
            yield Chart(title, bins, max(each.size for each in bins))


def _heat_maps(survey: Survey) -> list[tuple[str, list[tuple[int, int, int]]]]:
    if not survey.centres.counts:
        return []
    frequent = Counter({label: grid.counts.total() for label, grid in survey.class_centres.items()})
    labels = sorted(frequent, key=lambda label: (-frequent[label], label))[:HEAT_MAPS]
    return [
        ("all boxes", survey.centres.cells()),
        *((label, survey.class_centres[label].cells()) for label in labels),
    ]


def _people(survey: Survey) -> Iterator[tuple[str, int, int, int, float | None]]:
    """Annotator, annotations, skipped ones, regions, and the median of seconds."""
    for user, work in sorted(survey.annotators.items(), key=lambda item: (len(item[0]), item[0])):
        yield user, work.annotations, work.skipped, work.regions, _median(work.lead_times)


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _growth_rows(columns: Sequence[VersionColumn]) -> list[tuple[tuple[str, str], list[Any]]]:
    """For each class its number in each version; the most frequent first."""
    keys = {key for column in columns for key in column.labels}
    newest = columns[-1].labels if columns else {}
    ordered = sorted(keys, key=lambda key: (-newest.get(key, 0), key))
    return [(key, [column.labels.get(key, 0) for column in columns]) for key in ordered]
