"""Use case: the faults of the labels in data/snapshot, compared with those of a commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ls_dvc.check import accepted, agreement_report, fault_report
from ls_dvc.check.accepted import AcceptedFault
from ls_dvc.check.agreed import joined
from ls_dvc.check.agreement.limits import agreed, limits_in
from ls_dvc.check.agreement.observed import observed
from ls_dvc.check.comparison import CheckResult, compared
from ls_dvc.check.faults import Fault
from ls_dvc.check.render import report_place
from ls_dvc.check.render.report_place import ReportPlace
from ls_dvc.check.result import CheckedLabels, checked_labels
from ls_dvc.check.selection import SelectedRule, selected_rules
from ls_dvc.check.shard import ShardFindings, check_shard
from ls_dvc.check.views import CheckContext, LabelNumbers
from ls_dvc.commands import check_pictures, foreign_files, stage_inputs
from ls_dvc.commands.check_base import base_of
from ls_dvc.commands.pinned_snapshot import read_snapshot
from ls_dvc.errors import LsDvcError
from ls_dvc.execution import processes
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.version import version_of_commit
from ls_dvc.io import kept_parts, yaml_files
from ls_dvc.io.files import is_there, write_atomically
from ls_dvc.io.kept_parts import KeptParts
from ls_dvc.io.printable import printable
from ls_dvc.labels import label_config
from ls_dvc.pin import lockfile
from ls_dvc.progress import Reporter
from ls_dvc.repo import git, tracked_links
from ls_dvc.snapshot import media_map
from ls_dvc.snapshot.manifest import start_in
from ls_dvc.snapshot.snapshot_folder import LABEL_CONFIG, SnapshotFolder
from ls_dvc.workspace import Workspace

SHORTEST = 6  # digits of a fingerprint that name a fault


@dataclass(frozen=True)
class CheckOptions:
    """What to check: against which commit, by which rules, in how many processes.

    None and empty: what is usual.
    """

    against: str | None = None
    select: Sequence[str] = ()
    jobs: int = 1


def check(workspace: Workspace, options: CheckOptions, report: Reporter) -> CheckResult:
    """The faults of the labels in the workspace, each new, known or accepted."""
    pin = lockfile.require(workspace.pin)
    base, name = base_of(workspace, options.against)
    labels = _labels_at(workspace, name) if name else None
    checked = checked_snapshot(workspace, report, options.select, options.jobs, labels)
    return compared(checked, base, name, accepted_faults(workspace).keys(), pin.link)


def _labels_at(workspace: Workspace, rev: str) -> LabelNumbers | None:
    """The regions by control and label in a commit; None where its labels are not here."""
    try:
        with open_snapshot(workspace, version_of_commit(workspace, rev)) as folder:
            config = label_config.parse(folder.config(), f"the label config of {rev}")
            return CheckContext(config, counts=folder.manifest.counts).labels()
    except LsDvcError:
        return None


def checked_snapshot(
    workspace: Workspace,
    report: Reporter,
    select: Sequence[str] = (),
    jobs: int = 1,
    base_labels: LabelNumbers | None = None,
) -> CheckedLabels:
    """The faults of the labels in data/snapshot. Shards that did not change are not read again.

    `base_labels` are those of the version that it is compared with, if they are known.
    """
    folder = read_snapshot(workspace)
    settings = workspace.params.check
    rules = selected_rules(settings, select)
    context = CheckContext(
        label_config.parse(folder.config(), "the snapshot's label config"),
        workspace.params.policy.split,
        folder.manifest.counts,
        base_labels,
    )
    limits = limits_in(settings.agreement, context.config)
    kept = workspace.cache.parts
    work = partial(_kept_findings, folder, rules, context, kept)
    parts = processes.ordered(work, folder.manifest.shards, jobs)
    with report.bar("checking labels", len(folder.manifest.shards)) as bar:
        found = list[ShardFindings]()
        for part in parts:
            found.append(ShardFindings.decoded(part))
            bar.advance(1)
    kept.sweep()
    rows = joined(part.agreement for part in found)
    context = replace(context, agreed=agreed(rows, settings.agreement, limits))
    if check_pictures.RULE in {rule.number for rule in rules}:
        hashes = check_pictures.picture_hashes(workspace, folder, report)
        context = replace(context, picture_hashes=hashes)
    return checked_labels(found, rules, context, str(workspace.params.project_id))


def write_reports(workspace: Workspace, report: Reporter, jobs: int = 1) -> CheckedLabels:
    """The stage `check`: write the reports, whatever is found.

    They depend neither on git nor on which pictures are on this machine.
    """
    with workspace.writing():
        pin = lockfile.find(workspace.pin)
        foreign_files.require_none_in_check_reports(workspace)
        checked = checked_snapshot(workspace, report, _reported_rules(workspace, report), jobs)
        stage_inputs.require_unchanged(workspace, pin)
        foreign_files.require_none_in_check_reports(workspace)
        write_atomically(workspace.faults_report, fault_report.faults_jsonl(checked.faults))
        write_atomically(workspace.check_report, fault_report.check_json(checked))
        if workspace.agreement_report in foreign_files.named_check_reports(workspace):
            table = agreement_report.agreement_csv(checked.agreed.values)
            write_atomically(workspace.agreement_report, table)
        return checked


def _reported_rules(workspace: Workspace, report: Reporter) -> Sequence[str]:
    """What the settings select, without the rule whose faults depend on what is here."""
    settings, left_out = workspace.params.check, check_pictures.RULE
    if left_out in {rule.number for rule in selected_rules(settings)}:
        report.say(
            f"{left_out} compares the pictures that are on this machine, so the reports leave it "
            f"out: `ls-dvc check --select {left_out} --all` lists what it finds"
        )
    return [*settings.select, f"-{left_out}"]


def place_of_report(workspace: Workspace) -> ReportPlace:
    """Where the report is in the repository, and the line that each fault has there."""
    path, root = workspace.faults_report, workspace.folder
    if git.head(root) is not None:
        root = git.root(root)
    content = yaml_files.read_text(path) if is_there(path) else ""
    return report_place.of_report(path.resolve().relative_to(root.resolve()).as_posix(), content)


def accept(workspace: Workspace, names: Sequence[str], reason: str, report: Reporter) -> Path:
    """Add faults, named by the beginnings of their fingerprints, to the file of accepted ones.

    The path of that file; `LsDvcError`, and nothing written, when one of them is not there.
    """
    known, path = accepted_faults(workspace), _accepted_file(workspace)
    checked = checked_snapshot(workspace, report)
    content = yaml_files.read_text(path) if is_there(path) else ""
    for fault in [_fault_named(name, checked.faults) for name in names]:
        if fault.fingerprint not in known:
            content = accepted.with_fault(content, fault, " ".join(printable(reason).split()))
    write_atomically(path, content.encode())
    return path


def accepted_faults(workspace: Workspace) -> Mapping[str, AcceptedFault]:
    """The faults that somebody accepted, by fingerprint; `LsDvcError` for a line that is none."""
    path = _accepted_file(workspace)
    return accepted.parse(yaml_files.read_text(path), str(path)) if is_there(path) else {}


def _accepted_file(workspace: Workspace) -> Path:
    name = workspace.params.check.accept
    tracked_links.require_none(workspace.folder, [name])
    return workspace.folder / name


def _fault_named(name: str, faults: Sequence[Fault]) -> Fault:
    if len(name) < SHORTEST:
        raise LsDvcError(f"{name!r} is too short for a fault", f"give {SHORTEST} digits or more")
    found = [fault for fault in faults if fault.fingerprint.startswith(name.lower())]
    if len(found) != 1:
        many = f"{len(found)} faults begin with {name!r}" if found else f"no fault is {name!r}"
        raise LsDvcError(many, "`ls-dvc check --all --format json` lists them")
    return found[0]


def _kept_findings(
    folder: SnapshotFolder,
    rules: Sequence[SelectedRule],
    context: CheckContext,
    kept: KeptParts,
    shard: str,
) -> bytes:
    """What the rules find in a shard, encoded; read from what is kept where nothing changed."""
    files, media = folder.manifest.files, media_map.shard_name(start_in(shard))
    key = kept_parts.key_of(
        check=[rule.document() for rule in rules],
        config=files[LABEL_CONFIG].sha256,
        media=files[media].sha256 if media in files else "",
        shard=files[shard].sha256,
        split=[*context.split.shares, context.split.by] if context.split else [],
    )
    content = kept.get(key)
    if content is None:
        entries = media_map.of_shard(folder, shard)
        found = check_shard(folder.lines_in(shard), rules, context, entries, observed)
        content = found.encoded()
        kept.put(key, content)
    return content
