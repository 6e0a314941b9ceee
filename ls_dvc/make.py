"""The data set of a snapshot folder: every format, shard by shard, on as many cores as asked."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ls_dvc import conversion, dataset, workers
from ls_dvc.conversion import Part
from ls_dvc.formats import FORMATS, QUICK
from ls_dvc.formats.base import Layout, Project
from ls_dvc.ledger import Ledger
from ls_dvc.report import Reporter
from ls_dvc.select import Policy
from ls_dvc.shards import Folder
from ls_dvc.survey import Survey


@dataclass(frozen=True)
class Order:
    """What to make: which formats, of what counts; by how many processes; laid out how.

    `tar`: small files of tasks in archives, one for each shard. `shards`: documents, too.
    """

    formats: Sequence[str]
    policy: Policy
    jobs: int = 1
    layout: Layout = "loose"


@dataclass(frozen=True)
class Made:
    """What a conversion found and wrote; `labels` are the (control, label) pairs of the config."""

    survey: Survey
    labels: Sequence[tuple[str, str]]
    ledgers: Mapping[str, Ledger]


def make(fresh: Path, folder: Folder, order: Order, report: Reporter) -> Made:
    """Write the data set of a snapshot folder into the empty folder `fresh`.

    The bytes do not depend on the number of processes.
    """
    counts = folder.manifest.counts
    about = conversion.project(folder.config(), folder.classes(), counts, order.policy)
    about = replace(about, sharded=order.layout == "shards")
    archived = order.layout != "loose"
    ledgers = {name: Ledger() for name in order.formats}
    surveys = {name: Survey() for name in order.formats}
    written: dict[str, dataset.Written] = {}
    with report.bar("converting formats", len(ledgers)) as bar, _no_collector():
        for name, ledger in ledgers.items():
            parts = partial(_parts, folder, name, order)
            chunks = conversion.convert(parts, FORMATS[name], about, surveys[name], ledger)
            written[name] = dataset.write_format(fresh / name, chunks, archived=archived)
            bar.advance(1)
    dataset.write_manifest(fresh, folder.fingerprint, written)
    return Made(next(iter(surveys.values())), about.config.labels(), ledgers)


def _parts(folder: Folder, name: str, order: Order, about: Project) -> Iterable[Part]:
    shards = map(folder.lines_in, folder.manifest.shards)
    return workers.ordered(partial(_part, name, order.policy, about), shards, order.jobs)


def _part(name: str, policy: Policy, about: Project, lines: Sequence[bytes]) -> Part:
    with _no_collector():
        return conversion.part(lines, policy, FORMATS[name], about, QUICK.get(name))


@contextmanager
def _no_collector() -> Iterator[None]:
    """Parsing makes many objects and no circles; looking for some doubles its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
