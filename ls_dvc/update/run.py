"""Use case: ask the server whether the labels moved, and move the pin when they did.

The labels come from the server in one of several ways: what changed since the pin, else all tasks
in ranges; or all in one piece, when the settings say so; or a snapshot that people made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ls_dvc.errors import LabelsChangingError, LsDvcError, ServerError
from ls_dvc.execution.background import BackgroundTasks
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.pin.pin import Pin
from ls_dvc.progress import Reporter
from ls_dvc.server.cache import Cache
from ls_dvc.server.interface import Server, ServerState, SnapshotChoice
from ls_dvc.settings.params import UpdateSettings
from ls_dvc.snapshot import server_formats, snapshot_folder
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.update import count_changes, delta, full_export, single_snapshot
from ls_dvc.update.adopt import adopted
from ls_dvc.update.chain import Chain
from ls_dvc.update.cleanup import discard, discarded_on_failure
from ls_dvc.update.convert_on_server import ConversionOptions, require_offered
from ls_dvc.update.delta import Unproven
from ls_dvc.update.due import update_reasons
from ls_dvc.update.ranges import BatchSizer

DELTAS = 5  # taken in a row while labels move
FULLS = 2  # exports of everything, the second when what moved under the first stays in doubt


@dataclass(frozen=True)
class UpdateOptions:
    """How to update.

    `full` takes everything anew, though no labels changed. `allow_inconsistent` pins even if labels
    keep changing: tasks may be from different moments. `adopt` takes a snapshot that is there.

    `pinned` gives the labels of the old pin, and `base` the version to count changes against, if
    they lie ready; they are asked only when labels moved. `renames` leads from old names of
    classes to new ones. `served` are the formats that the server is to write of the labels, which
    are then taken in one snapshot; True where our own converter may stand in.
    """

    settings: UpdateSettings
    full: bool = False
    allow_inconsistent: bool = False
    adopt: SnapshotChoice | None = None
    pinned: Callable[[], SnapshotFolder | None] = lambda: None
    base: Callable[[], SnapshotFolder | None] = lambda: None
    renames: Mapping[str, str] = field(default_factory=dict)
    served: Mapping[str, bool] = field(default_factory=dict)

    @property
    def anew(self) -> bool:
        """Whether there is to be a new pin, though no label moved."""
        return self.full or self.adopt is not None


def update(
    server: Server,
    old: Pin | None,
    cache: Cache,
    options: UpdateOptions,
    report: Reporter,
    now: str,
) -> Pin:
    """The pin of the labels as they are; `old` itself when none of them moved.

    `now` is the time to note, ISO 8601. When it fails, nothing was written but the side cache.
    Ranges of a full export that have landed there stay on the server as well, for the next try.
    """
    state = server.state()
    renames, served = options.renames, options.served
    due = update_reasons(state, old, cache, renames=renames, served=served)
    if old is not None and not options.anew and not due:
        return old
    _check(state, server)
    _require_convertible(server, options)
    with cache.scratch() as folder:
        with BackgroundTasks() as beside:
            swept = beside.begin(server.sweep)
            chain = _Update(server, old, cache, options, report, folder).chain(state, now)
        swept.result()
        cache.forget_landed(state.project_id)
        kept = old.snapshots if old is not None else ()
        fresh = [each for each in chain.snapshots if each not in kept]
        with discarded_on_failure(server, fresh):
            pin = _pin(server.url, old, chain, options, now)
            same = _unmoved(pin, old, options)
            if same is None:
                seconds = options.settings.conversion_seconds
                wanted = ConversionOptions(options.served, seconds, cache, folder)
                return wanted.added(server, pin, chain, report)
    cache.remember(same.fingerprint, chain.state.probe)
    discard(server, fresh)
    return same


def _unmoved(pin: Pin, old: Pin | None, options: UpdateOptions) -> Pin | None:
    """`old` when it is good for the labels of `pin`, too."""
    if old is None or options.anew or not old.has_converted(options.served):
        return None
    return old if pin.fingerprint == old.labels_alone else None


@dataclass(frozen=True)
class _Update:
    """One update under way; what it takes is replayed into `folder`."""

    server: Server
    old: Pin | None
    cache: Cache
    order: UpdateOptions
    report: Reporter
    folder: Path

    def chain(self, state: ServerState, now: str) -> Chain:
        """A settled chain, or one that is not when that is allowed."""
        if self.order.adopt is not None:
            wanted, report = self.order.adopt, self.report
            return adopted(self.server, self.cache, self.folder, wanted, report, now)
        bulk = self.order.settings.method == "bulk"
        if self.server.view is not None or bulk or self.order.served:
            way = single_snapshot.SnapshotOptions(
                in_bulk=bulk, allow_inconsistent=self.order.allow_inconsistent
            )
            return single_snapshot.export(self.server, self.cache, self.folder, self.report, way)
        return self._from_changes(state)

    def _from_changes(self, state: ServerState) -> Chain:
        found = self._from_pin(state)
        if isinstance(found, Chain):
            found = self._settled(found, state)
        if isinstance(found, Chain):
            return found
        if found is not None:
            self.report.say(f"{found.reason}: exporting all tasks")
        return self._from_all()

    def _from_pin(self, state: ServerState) -> Chain | Unproven | None:
        """The chain of the old pin; why it cannot be built on; None when a full one is wanted."""
        old = self.old
        if old is None or self.order.full:
            return None
        if old.url != self.server.url:
            return Unproven(f"{old.url} was pinned, not {self.server.url}")
        if any(each.kind not in ("range", "delta") for each in old.snapshots):
            return Unproven("the pinned labels came in one piece")
        deltas = [each for each in old.snapshots if each.kind == "delta"]
        if len(deltas) >= self.order.settings.full_every:
            return Unproven(f"{len(deltas)} deltas lie over the last full export")
        pinned = self.order.pinned()
        if pinned is None:
            return Unproven("the pinned labels do not lie ready")
        pinned = server_formats.without(pinned)
        probe = self.cache.remembered(old.fingerprint) or old.probe
        known = replace(state, label_config=old.label_config, probe=probe)
        return Chain(known, old.snapshots, pinned, settled=True)

    def _from_all(self) -> Chain:
        reason = ""
        for attempt in range(1, FULLS + 1):
            folder = self.folder / str(attempt)
            folder.mkdir()
            chain = full_export.export(self.server, self.cache, folder, self._pace(), self.report)
            found = _complete(chain) if chain.settled else self._settled(chain, self.server.state())
            if isinstance(found, Chain):
                return found
            reason = found.reason
            self.cache.forget_landed(chain.state.project_id)
            discard(self.server, chain.snapshots)
            if attempt < FULLS:
                self.report.say(f"{reason}: exporting all tasks again")
        raise ServerError(
            reason, "try again; when it stays so, the server's export leaves something out"
        )

    def _settled(self, chain: Chain, state: ServerState) -> Chain | Unproven:
        """`chain` with deltas until no label moves meanwhile; each takes the place of the last.

        `state` is the project's now.
        """
        for attempt in range(DELTAS):
            before = state if attempt == 0 else self.server.state()
            found = delta.extended(self.server, self.cache, chain, before, self._pace())
            if isinstance(found, Unproven) or found.settled:
                return found
            if attempt == DELTAS - 1 and self.order.allow_inconsistent:
                return found
            discard(self.server, found.snapshots[len(chain.snapshots) :])
            if attempt == 0:
                self.report.say("labels moved during the export; taking what changed since")
        raise LabelsChangingError(
            f"the labels of project {chain.state.project_id} moved during each of {DELTAS} exports",
            "try again when annotators pause, or take each task as it was at a moment of its own: "
            "`ls-dvc update --allow-inconsistent`",
        )

    def _pace(self) -> BatchSizer:
        settings = self.order.settings
        return BatchSizer(settings.tasks_per_snapshot, settings.jobs)


def _complete(chain: Chain) -> Chain | Unproven:
    doubt = chain.doubt()
    return Unproven(doubt) if doubt else chain


def _check(state: ServerState, server: Server) -> None:
    label_config.parse(state.label_config, f"the label config of project {state.project_id}")
    if state.probe.tasks == 0:
        view = f"view {server.view} of " if server.view is not None else ""
        raise LsDvcError(
            f"{view}project {state.project_id} ({state.title}) on {server.url} has no tasks",
            "import some first, or check label_studio.project_id in params.yaml",
        )


def _require_convertible(server: Server, options: UpdateOptions) -> None:
    if options.served and options.adopt is not None:
        raise LsDvcError(
            f"a snapshot of others is not converted to {', '.join(options.served)} on the server: "
            "what their e-mails are in would be written too",
            "take `server` out of label_studio.engines in params.yaml to adopt it",
        )
    require_offered(server, options.served)


def _pin(url: str, old: Pin | None, chain: Chain, options: UpdateOptions, now: str) -> Pin:
    state = chain.state
    known = old.classes if old is not None and old.project_id == state.project_id else Classes()
    config = label_config.parse(state.label_config, "the label config")
    known = known.renaming(options.renames)
    classes = known.extended(config.classes(), config.class_ids()).extended(chain.labels)
    classes = classes.renaming(options.renames)
    labels = chain.folder.patched(snapshot_folder.companions(state.label_config, classes), ())
    base = options.base()
    return Pin(
        fingerprint=labels.fingerprint,
        project_id=state.project_id,
        title=state.title,
        url=url,
        tasks=labels.manifest.counts.tasks,
        annotations=labels.manifest.counts.annotations,
        label_config=state.label_config,
        snapshots=chain.snapshots,
        probe=state.probe,
        classes=classes,
        pinned_at=now,
        changes=count_changes.changes(base, labels) if base else None,
    )
