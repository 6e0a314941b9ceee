"""Where a data set lives: its folder, its settings, and the paths that follow from them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.check import selection
from ls_dvc.convert import plot_files
from ls_dvc.io import replacing
from ls_dvc.io.files import locked
from ls_dvc.media.store import MediaStore
from ls_dvc.pin import lockfile
from ls_dvc.repo import dvc_lock, paths, tracked_links
from ls_dvc.server.cache import Cache
from ls_dvc.settings import params
from ls_dvc.settings.params import Params


@dataclass(frozen=True)
class Workspace:
    """A data set's folder (the one of params.yaml), its settings, and the side cache."""

    folder: Path
    params: Params
    cache: Cache

    @property
    def pin(self) -> Path:
        """labels.lock"""
        return self.folder / lockfile.NAME

    @property
    def dvc_lock(self) -> Path:
        """dvc.lock"""
        return self.folder / dvc_lock.NAME

    @property
    def snapshot(self) -> Path:
        """data/snapshot"""
        return self.folder / self.params.data / "snapshot"

    @property
    def media(self) -> Path:
        """data/media"""
        return self.folder / self.params.data / "media"

    @property
    def media_store(self) -> MediaStore:
        """The media that were fetched, in the side cache."""
        return MediaStore.of(self.cache)

    @property
    def dataset(self) -> Path:
        """data/dataset"""
        return self.folder / self.params.data / "dataset"

    @property
    def reports(self) -> Path:
        """reports/"""
        return self.folder / self.params.reports

    @property
    def labels_report(self) -> Path:
        """reports/labels.json"""
        return self.reports / "labels.json"

    @property
    def classes_report(self) -> Path:
        """reports/classes.csv"""
        return self.reports / "classes.csv"

    @property
    def ledger_report(self) -> Path:
        """reports/ledger.json"""
        return self.reports / "ledger.json"

    @property
    def plot_reports(self) -> list[Path]:
        """The tables for `dvc plots` in reports/, which are written where dvc.yaml names them."""
        return [self.reports / name for name in plot_files.PLOTS]

    @property
    def faults_report(self) -> Path:
        """reports/faults.jsonl"""
        return self.reports / "faults.jsonl"

    @property
    def check_report(self) -> Path:
        """reports/check.json"""
        return self.reports / "check.json"

    @property
    def agreement_report(self) -> Path:
        """reports/agreement.csv"""
        return self.reports / "agreement.csv"

    @property
    def check_reports(self) -> list[Path]:
        """The reports of the stage `check`, where dvc.yaml names them."""
        return [self.faults_report, self.check_report, self.agreement_report]

    @property
    def written(self) -> list[Path]:
        """All that commands write here, but settings."""
        reports = [self.labels_report, self.classes_report, self.ledger_report]
        reports += [*self.plot_reports, *self.check_reports]
        return [self.pin, self.snapshot, self.media, self.dataset, *reports]

    def writing(self) -> AbstractContextManager[None]:
        """Hold the lock for writing here: a killed dvc leaves its stage running."""
        busy = f"another ls-dvc process is writing in {self.folder}"
        return locked(paths.lock_file(self.folder), wait=10, busy=busy)


def open_workspace(folder: Path) -> Workspace:
    """The data set in `folder`; `LsDvcError` without settings, or outside a DVC repository.

    Outputs that a killed process was replacing are put back first. `LsDvcError` as well if git
    brought links that lead files elsewhere.
    """
    workspace = unrepaired_workspace(folder)
    replacing.repair(workspace.written)
    return workspace


def unrepaired_workspace(folder: Path) -> Workspace:
    """The same as a killed process may have left it."""
    cache = Cache(paths.side_cache(folder), paths.lock_file(folder).stem)
    workspace = Workspace(folder, params.read(folder / params.NAME), cache)
    selection.require_known(workspace.params.check)
    files = [folder / params.NAME, workspace.pin, workspace.dvc_lock, *workspace.written]
    tracked_links.require_none(folder, [str(path.relative_to(folder)) for path in files])
    return workspace
