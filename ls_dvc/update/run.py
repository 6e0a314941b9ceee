"""Use case: pin the labels as they are on the server, if an update is due.

Labels come from the server in one of several ways: a delta since the pin, or a full export in id
ranges; or all in one snapshot or one answer, if the settings say so; or a snapshot that people
made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ls_dvc.errors import LabelsChangingError, LsDvcError, ServerError
from ls_dvc.execution.background import BackgroundTasks
from ls_dvc.io.printable import printable
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.pin.pin import Pin
from ls_dvc.progress import Reporter
from ls_dvc.server.cache import Cache
from ls_dvc.server.interface import Server, ServerState
from ls_dvc.snapshot import media_map, server_formats, snapshot_folder
from ls_dvc.update import content, count_changes, delta, full_export, single_snapshot
from ls_dvc.update.adopt import adopted
from ls_dvc.update.chain import Chain
from ls_dvc.update.cleanup import discard, discard_on_failure
from ls_dvc.update.convert_on_server import ConversionOptions, require_offered
from ls_dvc.update.delta import Unproven
from ls_dvc.update.due import update_reasons
from ls_dvc.update.notes import UpdateNotes
from ls_dvc.update.options import UpdateOptions
from ls_dvc.update.ranges import BatchSizer

DELTAS = 5  # taken in a row while labels keep changing
FULL_EXPORTS = 2  # the second one if the first cannot be proved complete


def update(
    server: Server,
    old: Pin | None,
    cache: Cache,
    options: UpdateOptions,
    report: Reporter,
    now: str,
) -> Pin:
    """The pin of the labels as they are; `old` itself if none of them changed.

    `now` is the time to note, ISO 8601. If it fails, nothing was written but the side cache.
    Finished ranges of a full export stay on the server as well, for the next try.
    """
    state = server.state()
    if old is not None and (pin := _without_export(state, old, cache, options, report, now)):
        return pin
    _require_tasks(state, server)
    _require_convertible(server, options)
    with cache.scratch() as folder:
        with BackgroundTasks() as background:
            sweeping = background.start(server.remove_leftovers)
            chain = _Update(server, old, cache, options, report, folder).chain(state, now)
        sweeping.result()
        UpdateNotes(cache.root).forget_ranges(state.project_id)
        pinned = old.snapshots if old is not None else ()
        fresh = [snapshot for snapshot in chain.snapshots if snapshot not in pinned]
        with discard_on_failure(server, fresh):
            pin = _pin(server.url, old, chain, options, now)
            same = _still_pinned(pin, old, options)
            if same is None:
                _tell_of_unnumbered(chain, report)
                seconds = options.settings.conversion_seconds
                conversions = ConversionOptions(options.served, seconds, cache, folder)
                pin = conversions.converted_pin(server, pin, report)
                return content.with_media(pin, chain.folder, old, cache, options, report)
    UpdateNotes(cache.root).save_probe(same.fingerprint, chain.state.probe)
    discard(server, fresh)
    return same


def _without_export(
    state: ServerState,
    old: Pin,
    cache: Cache,
    options: UpdateOptions,
    report: Reporter,
    now: str,
) -> Pin | None:
    """The pin where no labels are to be exported: `old`, or the same labels with other media."""
    due = update_reasons(
        state,
        old,
        cache,
        renames=options.renames,
        served=options.served,
        media=options.media_settings,
    )
    if options.anew or any(reason.code != "media-settings" for reason in due):
        return None
    if not due and not options.asks_again:
        return old
    return content.with_other_media(old, cache, options, report, now)


def _still_pinned(pin: Pin, old: Pin | None, options: UpdateOptions) -> Pin | None:
    """`old`, if it pins the same labels as `pin`."""
    if old is None or options.anew or not old.has_converted(options.served):
        return None
    pinned_media = old.media.settings if old.media is not None else ""
    if options.asks_again or pinned_media != options.media_settings:
        return None
    return old if pin.fingerprint == old.labels_alone else None


@dataclass(frozen=True)
class _Update:
    """One running update; the labels are replayed into `folder`."""

    server: Server
    old: Pin | None
    cache: Cache
    options: UpdateOptions
    report: Reporter
    folder: Path

    def chain(self, state: ServerState, now: str) -> Chain:
        """A consistent chain, or an inconsistent one if the options allow it."""
        if self.options.adopt is not None:
            choice, report = self.options.adopt, self.report
            return adopted(self.server, self.cache, self.folder, choice, report, now)
        in_bulk = self.options.settings.method == "bulk"
        if self.server.view is not None or in_bulk or self.options.served:
            how = single_snapshot.SnapshotOptions(
                in_bulk=in_bulk, allow_inconsistent=self.options.allow_inconsistent
            )
            return single_snapshot.export(self.server, self.cache, self.folder, self.report, how)
        return self._from_changes(state)

    def _from_changes(self, state: ServerState) -> Chain:
        result = self._from_pin(state)
        if isinstance(result, Chain):
            result = self._made_consistent(result, state)
        if isinstance(result, Chain):
            return result
        if result is not None:
            self.report.say(f"{result.reason}: exporting all tasks")
        return self._from_all()

    def _from_pin(self, state: ServerState) -> Chain | Unproven | None:
        """The chain of the old pin, or why no delta is possible; None if a full one is wanted."""
        old = self.old
        if old is None or self.options.full:
            return None
        if old.url != self.server.url:
            return Unproven(f"{old.url} was pinned, not {self.server.url}")
        if any(snapshot.kind not in ("range", "delta") for snapshot in old.snapshots):
            return Unproven("the pinned labels are in one snapshot")
        deltas = [snapshot for snapshot in old.snapshots if snapshot.kind == "delta"]
        if len(deltas) >= self.options.settings.full_every:
            return Unproven(f"{len(deltas)} deltas were made since the last full export")
        pinned = self.options.pinned()
        if pinned is None:
            return Unproven("the pinned labels are not available locally")
        pinned = media_map.without(server_formats.without(pinned))
        probe = UpdateNotes(self.cache.root).probe(old.fingerprint) or old.probe
        known = replace(state, label_config=old.label_config, probe=probe)
        return Chain(known, old.snapshots, pinned, consistent=True)

    def _from_all(self) -> Chain:
        reason = ""
        for attempt in range(1, FULL_EXPORTS + 1):
            folder = self.folder / str(attempt)
            folder.mkdir()
            chain = full_export.export(
                self.server, self.cache, folder, self._batch_sizer(), self.report
            )
            result = (
                _complete(chain)
                if chain.consistent
                else self._made_consistent(chain, self.server.state())
            )
            if isinstance(result, Chain):
                return result
            reason = result.reason
            UpdateNotes(self.cache.root).forget_ranges(chain.state.project_id)
            discard(self.server, chain.snapshots)
            if attempt < FULL_EXPORTS:
                self.report.say(f"{reason}: exporting all tasks again")
        raise ServerError(
            reason, "run `ls-dvc update` again; if it stays so, the server's export is incomplete"
        )

    def _made_consistent(self, chain: Chain, state: ServerState) -> Chain | Unproven:
        """`chain` with a delta during which no labels changed; each try replaces the one before.

        `state` is the project's state now.
        """
        for attempt in range(DELTAS):
            before = state if attempt == 0 else self.server.state()
            result = delta.extended(self.server, self.cache, chain, before, self._batch_sizer())
            if isinstance(result, Unproven) or result.consistent:
                return result
            if attempt == DELTAS - 1 and self.options.allow_inconsistent:
                return result
            discard(self.server, result.snapshots[len(chain.snapshots) :])
            if attempt == 0:
                self.report.say("labels changed during the export; exporting the changes")
        raise LabelsChangingError(
            f"labels of project {chain.state.project_id} changed during each of {DELTAS} exports",
            "try again when annotators pause, or pin tasks from different moments: "
            "`ls-dvc update --allow-inconsistent`",
        )

    def _batch_sizer(self) -> BatchSizer:
        settings = self.options.settings
        return BatchSizer(settings.tasks_per_snapshot, settings.jobs)


def _complete(chain: Chain) -> Chain | Unproven:
    mismatch = chain.mismatch()
    return Unproven(mismatch) if mismatch else chain


def _require_tasks(state: ServerState, server: Server) -> None:
    label_config.parse(state.label_config, f"the label config of project {state.project_id}")
    if state.probe.tasks == 0:
        view = f"view {server.view} of " if server.view is not None else ""
        project = f"project {state.project_id} ({printable(state.title)})"
        raise LsDvcError(
            f"{view}{project} on {server.url} has no tasks",
            "import tasks first, or check label_studio.project_id in params.yaml",
        )


def _require_convertible(server: Server, options: UpdateOptions) -> None:
    if options.served and options.adopt is not None:
        raise LsDvcError(
            f"the server does not convert an adopted snapshot to {', '.join(options.served)}: the "
            "result could hold e-mail addresses of annotators",
            "remove `server` from label_studio.engines in params.yaml to adopt it",
        )
    require_offered(server, options.served)


def _tell_of_unnumbered(chain: Chain, report: Reporter) -> None:
    count = chain.folder.manifest.counts.annotators.get(str(None), 0)
    if count:
        report.say(
            f"{count} annotations do not say the number of their annotator, so no annotator is kept"
        )


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
