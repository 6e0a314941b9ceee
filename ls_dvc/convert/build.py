"""The data set of a snapshot folder: every format, shard by shard, on as many cores as asked."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ls_dvc.convert import encode as conversion
from ls_dvc.snapshot import server_formats as converted
from ls_dvc.convert import dataset_folder as dataset
from ls_dvc.convert import label_counts as survey
from ls_dvc.execution import processes as workers
from ls_dvc.convert.encode import Part
from ls_dvc.convert.dataset_folder import Written
from ls_dvc.formats import (FORMATS, QUICK)
from ls_dvc.formats.interface import (Layout, Project)
from ls_dvc.convert.ledger import Ledger
from ls_dvc.progress import Reporter
from ls_dvc.labels.selection import (Policy, choose)
from ls_dvc.snapshot.folder import Folder
from ls_dvc.convert.label_counts import Survey


@dataclass(frozen=True)
class Order:
    """What to make: which formats, of what counts; by how many processes; laid out how.

    `tar`: small files of tasks in archives, one for each shard. `shards`: documents, too. `served`:
    those formats that are in the snapshot folder as the server wrote them.
    """

    formats: Sequence[str]
    policy: Policy
    jobs: int = 1
    layout: Layout = "loose"
    served: Sequence[str] = ()

    @property
    def ours(self) -> Sequence[str]:
        """The formats that our own converter writes."""
        return [name for name in self.formats if name not in self.served]


@dataclass(frozen=True)
class Made:
    """What a conversion found and wrote; `labels` are the (control, label) pairs of the config.

    Of what the server wrote there is no ledger, but `served` says how much it is.
    """

    survey: Survey
    labels: Sequence[tuple[str, str]]
    ledgers: Mapping[str, Ledger]
    served: Mapping[str, Written]


def make(fresh: Path, folder: Folder, order: Order, report: Reporter) -> Made:
    """Write the data set of a snapshot folder into the empty folder `fresh`.

    The bytes do not depend on the number of processes.
    """
    counts = folder.manifest.counts
    about = conversion.project(folder.config(), folder.classes(), counts, order.policy)
    about = replace(about, sharded=order.layout == "shards")
    archived = order.layout != "loose"
    ledgers = {name: Ledger() for name in order.ours}
    surveys = {name: Survey() for name in order.ours}
    written = {
        name: dataset.write_format(fresh / name, converted.chunks(folder, name))
        for name in order.formats
        if name in order.served
    }
    served = dict(written)
    with report.bar("converting formats", len(ledgers)) as bar, _no_collector():
        for name, ledger in ledgers.items():
            parts = partial(_parts, folder, name, order)
            chunks = conversion.convert(parts, FORMATS[name], about, surveys[name], ledger)
            written[name] = dataset.write_format(fresh / name, chunks, archived=archived)
            bar.advance(1)
    dataset.write_manifest(fresh, folder.fingerprint, written)
    counted = next(iter(surveys.values()), None) or _survey(folder, order.policy)
    return Made(counted, about.config.labels(), ledgers, served)


def _survey(folder: Folder, policy: Policy) -> Survey:
    """The counts of the reports, where no converter of ours sees the tasks."""
    found = Survey()
    for name in folder.manifest.shards:
        chosen = (choose(each, policy) for each in folder.tasks_in(name))
        found.add([survey.seen(each) for each in chosen])
    return found


def _parts(folder: Folder, name: str, order: Order, about: Project) -> Iterable[Part]:
    work = partial(_part, folder, name, order.policy, about)
    return workers.ordered(work, folder.manifest.shards, order.jobs)


def _part(folder: Folder, name: str, policy: Policy, about: Project, shard: str) -> Part:
    lines = folder.lines_in(shard)
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
