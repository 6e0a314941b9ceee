"""A history: people, commands, faults and kills in an order that a seed gives; promises held to.

After each command: the pin is the old or a new one, whole; a new one holds what the server held at
one moment of the update; data are what the pin says, or the command failed and said why, or left
what was there; every region is in a format or in the ledger; nothing is left lying about.
"""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal

import pytest

from ls_dvc.commands import convert, export, update, verify
from ls_dvc.convert import dataset_folder, kept_shards
from ls_dvc.errors import LsDvcError, ServerUnavailableError
from ls_dvc.io import canonical_json
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.progress import Silent
from ls_dvc.update import UpdateOptions, overlap
from ls_dvc.workspace import Workspace, open_workspace
from support.simulation import people
from support.simulation.clone import Clone, Commits, simulated
from support.simulation.disk import Disk, Fault, Killed, Kind, playing
from support.simulation.server import SimulatedServer

Outcome = Literal["done", "refused", "disk", "killed", "interrupted"]
DATA = "data/snapshot"
DATASET = "data/dataset"
REPORTS = "reports"
NONE = Fault("kill", 1 << 30)  # no command makes so many calls


@dataclass
class Play:
    """One history in `folder`. `known` has the files of each snapshot folder by fingerprint."""

    folder: Path
    seed: int
    random: Random = field(init=False)
    server: SimulatedServer = field(init=False)
    disk: Disk = field(init=False)
    clones: list[Clone] = field(init=False)
    kinds: list[people.Edit] = field(init=False)
    known: dict[str, Mapping[str, str]] = field(default_factory=dict)
    datasets: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    totals: dict[str, tuple[int, int]] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    named: set[int] = field(default_factory=set)
    ids: dict[str, list[str]] = field(default_factory=dict)
    trouble: float = 0.0
    stirred: bool = False
    faulty: bool = False
    calm: bool = False
    _fired: bool = False
    story: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.server = SimulatedServer(self.random)
        self.server.before, self.server.after = self._requested, self._answered
        self.server.between = self._between
        self.disk = Disk(self.folder)
        commits = Commits()
        self.clones = [Clone(self.folder / name, commits) for name in ("one", "two")]
        for each in self.clones:
            (each.path / ".dvc").mkdir(parents=True)
            self._settings(each)
        self.kinds = people.some_edits(self.random)
        people.add_tasks(self.server, 5)

    def run(self, steps: int) -> None:
        """Play it; an `AssertionError` names the seed and tells the story so far."""
        with self.playing():
            try:
                for _ in range(steps):
                    self._step()
                self._ends_well()
            except Exception as error:
                story = "\n  ".join(self.story)
                raise AssertionError(f"simulation seed {self.seed}: {error}\n  {story}") from error

    @contextmanager
    def playing(self) -> Iterator[None]:
        """Everything around the commands is simulated while the block runs."""
        with simulated(self.clones), playing(self.disk), pytest.MonkeyPatch.context() as patch:
            often = self.seed % 3 == 1  # few tasks are many, and every shard is kept; or none is
            patch.setattr(overlap, "FEW", 0 if often else overlap.FEW)
            patch.setattr(overlap, "TIMES", 2 if often else overlap.TIMES)
            patch.setattr(kept_shards, "WORTH", 1e-18 if often else 1e18)
            yield

    # --- steps

    def _step(self) -> None:
        clone = self.random.choice([self.clones[0], self.clones[0], self.clones[1]])
        steps, weights = zip(*STEPS, strict=True)
        (step,) = self.random.choices(steps, weights)
        step(self, clone)

    def edits(self, clone: Clone) -> None:
        for _ in range(self.random.randint(1, 3)):
            self._told(people.do_something(self.server, self.kinds))

    def settings(self, clone: Clone) -> None:
        self._told(f"{clone.path.name}: other settings")
        self._settings(clone)

    def label(self, clone: Clone) -> None:
        """Somebody works, and then updates."""
        self.edits(clone)
        self.update(clone)

    def update(self, clone: Clone, *, full: bool = False, fault: Fault | None = None) -> Outcome:
        """The pin moves to what the server holds, or stays."""
        before, first = self._pinned(clone), len(self.server.moments) - 1
        options = UpdateOptions(open_workspace(clone.path).params.update, full=full)
        now = "2026-01-01T00:00:00Z"
        with self._troubled():
            outcome = self._command(
                clone,
                "update",
                lambda w: update.move_pin(w, self.server, options, Silent(), now),
                fault,
            )
        after = self._pinned(clone)
        if outcome in ("refused", "disk"):
            assert after == before, "a failed update moved the pin"
        if outcome == "refused" and not self.stirred:
            assert self._fired, "an update failed for nothing"
        if outcome == "done" or after != before:
            pin = lockfile.require(clone.path / lockfile.NAME)
            how = "same" if before == after else pin.snapshots[-1].kind
            self.outcomes[f"{how}"] += 1
            self._holds_a_moment(pin, after or "", first)
            self._keeps_class_ids(pin)
        return outcome

    def export(self, clone: Clone, fault: Fault | None = None) -> Outcome:
        """data/snapshot is what the pin says, or what it was."""
        if self._pinned(clone) is None:
            return "refused"
        pin = lockfile.read(clone.path / lockfile.NAME)
        open_workspace(clone.path)  # which undoes a swap that was killed
        before, available = _labels(clone.digest(DATA)), self._is_available(clone, pin)
        outcome = self._command(
            clone, "export", lambda w: export.export(w, lambda: self.server, Silent(), ""), fault
        )
        after = _labels(clone.digest(DATA))
        if fault is not None and fault.kind == "meanwhile":
            assert outcome == "done" or after == before, "not refused in time"
            return outcome
        self._old_or_new(outcome, before, after, self.known[pin.fingerprint])
        if outcome == "refused" and not self._fired:
            assert not available, "an export failed that had all it needs"
        return outcome

    def convert(self, clone: Clone, fault: Fault | None = None) -> Outcome:
        """data/dataset is made of the pinned labels with these settings, or what it was."""
        if self._pinned(clone) is None:
            return "refused"
        pin = lockfile.read(clone.path / lockfile.NAME)
        of = (pin.fingerprint, (clone.path / "params.yaml").read_text())
        open_workspace(clone.path)
        before = clone.digest(DATASET)
        outcome = self._command(clone, "convert", lambda w: convert.convert(w, Silent()), fault)
        after = clone.digest(DATASET)
        if fault is not None and fault.kind == "meanwhile":
            assert outcome == "done" or after == before, "not refused in time"
            return outcome
        if outcome == "refused" and not self._fired:
            lies_there = _labels(clone.digest(DATA))
            assert lies_there != self.known.get(pin.fingerprint), "a conversion failed"
        if outcome == "done":
            self._balances(clone, pin)
            self.datasets.setdefault(of, after)
        self._old_or_new(outcome, before, after, self.datasets.get(of))
        return outcome

    def repro(self, clone: Clone) -> bool:
        """Whether both stages were done."""
        return self.export(clone) == "done" == self.convert(clone)

    def commit(self, clone: Clone) -> None:
        """Both stages, then a commit, and perhaps a push of the data."""
        if self._pinned(clone) is None:
            return
        if self.repro(clone):
            rev = clone.commit()
            if self.random.random() < 0.5:
                clone.commits.remote |= clone.objects
            self._told(f"{clone.path.name}: commit {rev[:7]}")

    def checkout(self, clone: Clone) -> None:
        """An old commit, or one of the other clone."""
        if clone.commits.texts:
            rev = self.random.choice(sorted(clone.commits.texts))
            self._told(f"{clone.path.name}: checkout {rev[:7]}")
            clone.checkout(rev)
            self.repro(clone)

    def forget(self, clone: Clone) -> None:
        """Somebody cleans up."""
        folder = self.random.choice([".dvc/tmp", DATA, DATASET, "data"])
        self._told(f"{clone.path.name}: rm -r {folder}")
        clone.forget(folder)

    def damage(self, clone: Clone) -> None:
        """A file of the side cache is cut short."""
        files = sorted((clone.path / ".dvc/tmp").rglob("*.json"))
        if files:
            chosen = self.random.choice(files)
            self._told(f"{clone.path.name}: {chosen.name} is cut short")
            chosen.write_bytes(chosen.read_bytes()[:-2])

    def meanwhile(self, clone: Clone) -> None:
        """Somebody checks out another pin, or edits the settings, while a stage runs.

        Then it fails, or `verify` tells, although DVC has noted the new pin and settings.
        """
        if self._pinned(clone) is None:
            return
        pin, settings = self._pinned(clone), (clone.path / "params.yaml").read_text()

        def change() -> None:
            if self.random.random() < 0.5:
                self._settings(clone)
            else:
                (clone.path / lockfile.NAME).write_text(self._any_pin())

        stage = self.random.choice([self.export, self.convert])
        outcome = stage(clone, Fault("meanwhile", self.random.randint(1, 40), then=change))
        changed = (self._pinned(clone), (clone.path / "params.yaml").read_text()) != (pin, settings)
        if changed and outcome == "done" and (clone.path / DATASET).exists():
            clone.note()
            self._told(f"{clone.path.name}: verify")
            found = verify.verify(open_workspace(clone.path)).problems
            assert found or self._is_right(clone), "other data than DVC noted, and nobody says so"

    def _any_pin(self) -> str:
        return self.random.choice(list(self.pins.values()))

    def _is_right(self, clone: Clone) -> bool:
        """Whether both folders are what pin and settings say now, as far as that is known."""
        pin = lockfile.read(clone.path / lockfile.NAME)
        if _labels(clone.digest(DATA)) != self.known[pin.fingerprint]:
            return False
        of = (pin.fingerprint, (clone.path / "params.yaml").read_text())
        return clone.digest(DATASET) == self.datasets.get(of, clone.digest(DATASET))

    def merge_badly(self, clone: Clone) -> None:
        """The export snapshots of one pin under the fingerprint of another."""
        if self._pinned(clone) is None:
            return
        path = clone.path / lockfile.NAME
        ours, text = lockfile.read(path), path.read_text()
        theirs = lockfile.parse(self._any_pin(), "theirs")
        if ours.snapshots == theirs.snapshots or ours.fingerprint == theirs.fingerprint:
            return
        open_workspace(clone.path)
        before = _labels(clone.digest(DATA))
        path.write_text(text.replace(ours.fingerprint, theirs.fingerprint))
        outcome = self._command(
            clone, "export", lambda w: export.export(w, lambda: self.server, Silent(), ""), NONE
        )
        after = _labels(clone.digest(DATA))
        assert outcome == "refused" or after == self.known[theirs.fingerprint], "a mixed pin"
        assert after in (before, self.known[theirs.fingerprint])
        path.write_text(text)

    # --- commands

    def _command(
        self,
        clone: Clone,
        name: str,
        work: Callable[[Workspace], object],
        fault: Fault | None = None,
    ) -> Outcome:
        chosen = fault or self._fault()
        with self.disk.under(chosen):
            outcome, why = self._outcome(clone, work)
        gc.collect(0)
        self._fired = fired = chosen is not None and chosen.fired
        self.faulty |= fired
        said = f" ({why})" if why else ""
        what = f" with {chosen.kind} at {chosen.at}" if chosen and fired else ""
        self._told(f"{clone.path.name}: {name}{what}: {outcome}{said}")
        self.outcomes[f"{name} {outcome}"] += 1
        if outcome == "disk":
            assert fired, f"an error of the disk that nothing caused: {why}"
        return outcome

    def _outcome(self, clone: Clone, work: Callable[[Workspace], object]) -> tuple[Outcome, str]:
        """Whatever else is raised is a bug, and ends the play."""
        try:
            work(open_workspace(clone.path))
        except Killed:
            return "killed", ""
        except KeyboardInterrupt:
            return "interrupted", ""
        except LsDvcError as error:
            return "refused", str(error)
        except OSError as error:
            return "disk", str(error)
        return "done", ""

    def _fault(self) -> Fault | None:
        if self.calm or self.random.random() < 0.6:
            return None
        kinds: list[Kind] = ["kill", "kill", "interrupt", "error", "full"]
        if self.random.random() < 0.3:  # a swap is renames
            return Fault(self.random.choice(kinds[:-1]), self.random.randint(1, 6), "os.rename")
        return Fault(self.random.choice(kinds), self.random.randint(1, 45))

    @contextmanager
    def _troubled(self) -> Iterator[None]:
        """Requests fail, and people edit meanwhile."""
        self.trouble, self.stirred = self.random.choice([0, 0, 0.05, 0.3]), False
        if self.calm:
            self.trouble = 0.0
        try:
            yield
        finally:
            self.trouble = 0.0

    def _requested(self, name: str) -> None:
        self.disk.alive()
        if self.random.random() < self.trouble / 2:
            self._stir(f"meanwhile {people.do_something(self.server, self.kinds)}")
        if self.random.random() < self.trouble / 10:
            self._stir(f"no answer to {name}")
            raise ServerUnavailableError("no answer")

    def _answered(self, name: str) -> None:
        """The deed is done, and its answer may be lost."""
        if self.random.random() < self.trouble / 10:
            self._stir(f"the answer to {name} is lost")
            raise ServerUnavailableError("the answer is lost")

    def _between(self) -> None:
        if self.random.random() < self.trouble / 4:
            self._stir(f"meanwhile {people.do_something(self.server, self.kinds)}")

    def _stir(self, what: str) -> None:
        self.stirred = self.faulty = True
        self._told(f"  {what}")

    # --- promises

    def _holds_a_moment(self, pin: Pin, text: str, first: int) -> None:
        """The pin has what the server held at a moment since `first`."""
        for moment in self.server.moments[first:]:
            config = canonical_json.digest(pin.label_config.encode())
            classes = canonical_json.document(pin.classes.document())
            beside = {"label_config.xml": config, "classes.json": canonical_json.digest(classes)}
            listing = {**moment.shards, **beside}
            made = canonical_json.digest(canonical_json.line({"form": 1, "files": listing}))
            if made == pin.fingerprint and moment.config == pin.label_config:
                self.known[pin.fingerprint] = listing
                self.totals[pin.fingerprint] = (moment.tasks, moment.regions)
                self.named.update(pin.snapshot_ids)
                self.pins[pin.fingerprint] = text
                return
        raise AssertionError(f"the pin {pin.fingerprint[:12]} holds no state that the server had")

    def _keeps_class_ids(self, pin: Pin) -> None:
        for space, names in pin.classes.document().items():
            before = self.ids.get(space, [])
            assert names[: len(before)] == before or before[: len(names)] == names
            self.ids[space] = max(before, list(names), key=len)

    def _old_or_new(
        self,
        outcome: Outcome,
        before: Mapping[str, str],
        after: Mapping[str, str],
        wanted: Mapping[str, str] | None,
    ) -> None:
        if outcome == "done":
            assert after == wanted, "other data than pinned"
        elif outcome == "refused":
            assert after == before, "a refused command changed the data"
        elif after != before and not (outcome == "killed" and not after):
            assert wanted is None or after == wanted, "half of the data"

    def _balances(self, clone: Clone, pin: Pin) -> None:
        """Each task and each region is written in each format, or in the ledger."""
        tasks, regions = self.totals[pin.fingerprint]
        report = json.loads((clone.path / REPORTS / "labels.json").read_bytes())
        ledger = json.loads((clone.path / REPORTS / "ledger.json").read_bytes())
        for name, totals in report["formats"].items():
            dropped = [sum(totals[each].values()) for each in ("tasks_dropped", "regions_dropped")]
            assert totals["tasks"] == tasks == totals["tasks_written"] + dropped[0]
            assert totals["regions"] == regions == totals["regions_written"] + dropped[1]
            listed = [each for each in ledger[name] if not each.get("written")]
            assert len(listed) == sum(dropped), f"the ledger of {name}"
        problems = dataset_folder.problems(clone.path / DATASET, pin.fingerprint)
        assert not problems, problems

    def _is_available(self, clone: Clone, pin: Pin) -> bool:
        """Whether the side cache or the server has each export snapshot; DVC may, besides."""
        cache = open_workspace(clone.path).cache
        made = self.server.made
        return all(
            cache.holds(each) or (each.id in made and made[each.id][0] == each.md5)
            for each in pin.snapshots
        )

    def _ends_well(self) -> None:
        """A good run of everything, a full export, and every version that was ever committed."""
        self.calm = True
        clone = self.random.choice(self.clones)
        self._good_run(clone)
        before = lockfile.read(clone.path / lockfile.NAME)
        self.update(clone, full=True)
        after = lockfile.read(clone.path / lockfile.NAME)
        assert after.fingerprint == before.fingerprint, "deltas made other labels"
        assert clone.leftovers() == [], f"left lying about: {clone.leftovers()}"
        if not self.faulty:
            forgotten = self.server.made.keys() - self.named
            assert not forgotten, "export snapshots stay on the server that no pin names"
        revs = sorted(clone.commits.texts)
        for rev in self.random.sample(revs, min(2, len(revs))):
            self._told(f"{clone.path.name}: checkout {rev[:7]}")
            clone.checkout(rev)
            self.export(clone)

    def _good_run(self, clone: Clone) -> None:
        self.update(clone)
        if self.export(clone) != "done":
            self.update(clone, full=True)
            assert self.export(clone) == "done"
        assert self.convert(clone) == "done"

    def _pinned(self, clone: Clone) -> str | None:
        path = clone.path / lockfile.NAME
        return path.read_text() if path.exists() else None

    def _settings(self, clone: Clone) -> None:
        choose = self.random.choice
        settings = {
            "url": self.server.url,
            "project_id": 1,
            "formats": choose([["CSV"], ["JSON"], ["CSV", "JSON"], ["JSONL"]]),
            "annotations": choose(["latest", "all", "first"]),
            "layout": choose(["loose", "tar", "shards"]),
            "gates": {"allow_empty": True},
            "update": {
                "method": choose(["snapshots"] * 5 + ["bulk"]),
                "tasks_per_snapshot": choose([1, 3, 20_000]),
                "full_every": choose([2, 50, 50]),
            },
        }
        (clone.path / "params.yaml").write_text(json.dumps({"label_studio": settings}))

    def _told(self, what: str) -> None:
        self.story.append(what)


def _labels(files: Mapping[str, str]) -> dict[str, str]:
    """A snapshot folder without its manifest."""
    return {name: digest for name, digest in files.items() if name != "manifest.json"}


STEPS: list[tuple[Callable[[Play, Clone], object], float]] = [
    (Play.edits, 5),
    (Play.label, 10),
    (Play.update, 3),
    (Play.repro, 4),
    (Play.commit, 3),
    (Play.checkout, 2),
    (Play.settings, 1),
    (Play.forget, 1),
    (Play.damage, 1),
    (Play.merge_badly, 2),
    (Play.meanwhile, 2),
]
