"""Updates against the SDK's plain flow, on one server: of nothing, of ten labels, of everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from material import IMAGES
from measure import Figure, Measured, Shell
from ours import Ours, Stored, repository
from project import Project
from theirs import Theirs

FORMAT = "COCO"
CHANGED = 10
PLAIN, OURS = "plain SDK", "ls-dvc"


def measure(folder: Path, project: Project, rounds: int) -> Iterator[Measured | Figure]:
    """What each way of updating costs; both sides take turns."""
    project.forget_snapshots()
    studio, tasks = project.studio, project.tasks
    ours = repository(folder / "ours", tasks, studio.url, project.number, studio.api_key)
    ours.want(FORMAT)
    plain = Shell(folder / "plain", studio.api_key)
    plain.folder.mkdir()
    theirs = Theirs(plain, IMAGES, tasks, plain.folder / "export.json")
    yield Measured("first update", OURS, ours.update(changed=True))
    yield Measured(f"first dvc repro ({FORMAT})", OURS, ours.repro(FORMAT))
    ours.commit()
    for _ in range(rounds):
        yield from _round(project, ours, theirs)


def _round(project: Project, ours: Ours, theirs: Theirs) -> Iterator[Measured | Figure]:
    """Whatever happened, the plain flow exports and converts everything anew."""
    exported = theirs.export(project.studio.url, project.number)
    converted = theirs.convert(FORMAT)
    whole = exported.then(converted)
    yield Measured("nothing changed: update", PLAIN, exported)
    yield Measured("nothing changed: update", OURS, ours.update(changed=False))
    for together in (True, False):
        step = f"{CHANGED} labels changed, {'in a row' if together else 'all over'}"
        yield Measured(f"{step}: update", PLAIN, exported)
        yield Measured(f"{step}: update, {FORMAT}", PLAIN, whole)
        project.change(CHANGED, together=together)
        yield from _changed(step, ours)
    yield Measured("update --full", PLAIN, exported)
    yield from _full(project, ours)


def _changed(step: str, ours: Ours) -> Iterator[Measured | Figure]:
    before = ours.cached()
    updated = ours.update(changed=True)
    reproduced = ours.repro(FORMAT)
    yield Measured(f"{step}: update", OURS, updated)
    yield Measured(f"{step}: dvc repro", OURS, reproduced)
    yield Measured(f"{step}: update, {FORMAT}", OURS, updated.then(reproduced))
    stored = ours.stored(before)
    yield Figure(f"{step}: MB more in the DVC cache", stored.whole / 1e6)
    yield Figure(f"{step}: of that canonical labels", stored.snapshot / 1e6)
    yield Figure(f"{step}: new bytes as share of the data set", stored.whole / ours.size())
    yield Figure(f"{step}: new bytes of canonical labels as share of them", _share(stored, ours))
    ours.commit()


def _full(project: Project, ours: Ours) -> Iterator[Measured | Figure]:
    cost = ours.update("--full", changed=False)
    served = sum(project.server_seconds(each.id) for each in ours.pin.snapshots)
    yield Measured("update --full", OURS, cost)
    yield Figure("update --full: snapshots", len(ours.pin.snapshots))
    yield Figure("update --full: seconds that the server worked on them", served)
    yield Figure("update --full / the server's own time", cost.seconds / served)
    ours.commit()


def _share(stored: Stored, ours: Ours) -> float:
    files = ours.folder.glob("data/snapshot/**/*")
    return stored.snapshot / sum(each.stat().st_size for each in files if each.is_file())
