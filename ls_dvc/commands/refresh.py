"""Use case: update, reproduce, verify, commit and perhaps push; or leave everything as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from ls_dvc import labeldiff
from ls_dvc.commands import agreement, foreign_files, new_faults, update
from ls_dvc.commands.refresh_checks import (
    next_tag,
    require_committed,
    require_possible_tag,
    require_undamaged,
)
from ls_dvc.commands.refresh_rollback import (
    check_out_data,
    keeping,
    restoring_on_failure,
    rule_files,
    version_files,
)
from ls_dvc.commands.stored_conversion import current_setting
from ls_dvc.commands.unfinished_refresh import FINGERPRINT, Committed, UnfinishedRefresh
from ls_dvc.commands.verify import verify
from ls_dvc.errors import BugError, LsDvcError
from ls_dvc.history import log
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.version import version_of_commit, workspace_version
from ls_dvc.io.files import locked
from ls_dvc.io.printable import in_subject
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.labeldiff.render import plain_text
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.progress import Reporter
from ls_dvc.repo import commits, dvc, dvc_lock, git, pipeline, tracked_keys
from ls_dvc.repo.commits import PushRejectedError, PushTarget
from ls_dvc.server.interface import Server
from ls_dvc.settings import params
from ls_dvc.update import UpdateOptions
from ls_dvc.workspace import Workspace

ATTEMPTS = 5
TAG = "labels/v{n}"


@dataclass(frozen=True)
class RefreshOptions:
    """What to do besides committing. `tag` is a pattern in which {n} is the next number."""

    tag: str | None = None
    push: bool = False
    branch: str | None = None


@dataclass(frozen=True)
class RefreshResult:
    """`rev` is the full hash of the new commit; empty if nothing had changed."""

    pin: Pin
    rev: str = ""
    subject: str = ""
    tag: str | None = None
    pushed: bool = False


def refresh(
    workspace: Workspace,
    connect: Callable[[], Server],
    update_options: UpdateOptions,
    options: RefreshOptions,
    report: Reporter,
    now: str,
) -> RefreshResult:
    """Commit the labels as they are on the server now; nothing at all if none changed.

    The data is pushed to DVC's remote before the commit is pushed, so no commit that others see
    names missing data. If somebody else pushed first, their commit is pulled and everything is
    done again. If anything fails before the commit, pin and data stay as they were.
    """
    busy = f"another `ls-dvc refresh` is at work in {workspace.folder}"
    with locked(workspace.cache.root / "refresh.lock", wait=0, busy=busy):
        unfinished = UnfinishedRefresh(workspace)
        unfinished.clean_up()
        require_committed(workspace)
        foreign_files.require_none(workspace)
        tracked_keys.warn(workspace.folder, report)
        earlier = unfinished.committed()
        if options.tag and earlier is None:
            require_possible_tag(workspace, options.tag)
        target = commits.target(workspace.folder, options.branch) if options.push else None
        attempt = partial(_attempt, workspace, update_options, options, report, now, unfinished)
        result = _until_pushed(workspace, lambda: attempt(connect()), target, earlier, report)
        unfinished.ends()
        return result


def _until_pushed(
    workspace: Workspace,
    attempt: Callable[[], RefreshResult],
    target: PushTarget | None,
    earlier: Committed | None,
    report: Reporter,
) -> RefreshResult:
    """Attempts until the remote takes one; the first one may only finish an `earlier` refresh."""
    for number in range(1, ATTEMPTS + 1):
        result = attempt()
        if not result.rev and earlier is not None:
            result = replace(result, tag=earlier.tag)
        if target is None:
            return result
        if not result.rev and not result.tag and _is_pushed(workspace, target):
            return result
        try:
            tags = {each.tag for each in (result, earlier) if each is not None and each.tag}
            return _push(workspace, result, target, tags)
        except PushRejectedError:
            if not (result.rev or earlier) or number == ATTEMPTS:
                raise
            report.say(
                f"{target.remote}/{target.branch} has new commits; starting again from these"
            )
            _follow_remote(workspace, result, target)
            earlier = None
    raise BugError("the last attempt neither ended nor failed")


def _is_pushed(workspace: Workspace, target: PushTarget) -> bool:
    """Whether the remote has the last version; the next run makes up for a push that failed."""
    newest = log.log(workspace.folder)[:1]
    return not newest or commits.is_pushed(workspace.folder, newest[0].rev, target)


def _attempt(
    workspace: Workspace,
    update_options: UpdateOptions,
    options: RefreshOptions,
    report: Reporter,
    now: str,
    unfinished: UnfinishedRefresh,
    server: Server,
) -> RefreshResult:
    with restoring_on_failure(workspace):
        pin = update.move_pin(workspace, server, update_options, report, now)
        wrong = agreement.unnoticed(workspace, pin)
        if not wrong and not _is_outdated(workspace, pin):
            return RefreshResult(pin)
        pipeline.reproduce(workspace.folder, force=bool(wrong))
        problems = verify(workspace).problems
        if problems:
            raise LsDvcError(
                f"the data is not what labels.lock pins: {problems[0]}",
                f"if the stages in {pipeline.DVC_YAML} were changed, run `ls-dvc init --force`",
            )
        diff = _diff(workspace)
        what = _upgrade(workspace, diff, pin) or _summary(diff, pin)
        subject = f"Labels of {in_subject(pin.title) or pin.project_id}: {what}"
        paths = commits.changed(workspace.folder, version_files(workspace))
        if not paths:
            return RefreshResult(pin)
        new_faults.tell(workspace, report)
        unfinished.commits(options.tag)
        rev = commits.commit(workspace.folder, _message(subject, diff, pin), paths)
    tag = _add_tag(workspace, options.tag, subject) if options.tag else None
    return RefreshResult(pin, rev, subject, tag)


def _is_outdated(workspace: Workspace, pin: Pin) -> bool:
    """Whether HEAD is not, or not completely, the version that the pin names."""
    committed = git.committed_text(workspace.pin)
    if committed is None or lockfile.is_empty(committed, "HEAD"):
        return True
    text = git.committed_text(workspace.dvc_lock) or ""
    pinned = lockfile.parse(committed, "HEAD")
    if pinned.writers != pin.writers:
        return True
    if not pinned.fingerprint == dvc_lock.fingerprint(text, "HEAD") == pin.fingerprint:
        return True
    ours = set(pipeline.stage_names(workspace.folder))
    made_with = dvc_lock.settings(text, "HEAD", ours, params.NAME)
    return any(current_setting(workspace, key) != value for key, value in made_with.items())


def _diff(workspace: Workspace) -> LabelDiff | None:
    """HEAD against the workspace; None if HEAD pins nothing, or its data is not available."""
    try:
        before = version_of_commit(workspace, "HEAD")
        with (
            open_snapshot(workspace, before) as old,
            open_snapshot(workspace, workspace_version(workspace)) as new,
        ):
            return labeldiff.compare(old, new)
    except LsDvcError:
        return None


def _upgrade(workspace: Workspace, diff: LabelDiff | None, pin: Pin) -> str:
    """What a commit is about that changes the data, but no label; empty for any other."""
    committed = git.committed_text(workspace.pin)
    if diff is None or diff or committed is None:
        return ""
    if lockfile.parse(committed, "HEAD").writers == pin.writers:
        return ""
    return f"the same labels, written by ls-dvc {pin.ls_dvc}"


def _summary(diff: LabelDiff | None, pin: Pin) -> str:
    return plain_text.summary(diff) if diff else f"{pin.tasks} tasks, {pin.annotations} annotations"


def _message(subject: str, diff: LabelDiff | None, pin: Pin) -> str:
    trailers = {
        FINGERPRINT: pin.fingerprint,
        "Label-Studio-Project": f"{pin.url}/projects/{pin.project_id}",
        "Label-Studio-Snapshot": ", ".join(map(str, pin.snapshot_ids)) or "none",
    }
    body = plain_text.commit_body(diff).strip() if diff else ""
    ends = "\n".join(f"{name}: {value}" for name, value in trailers.items())
    return "\n\n".join(part for part in (subject, body, ends) if part)


def _add_tag(workspace: Workspace, pattern: str, message: str) -> str:
    name = next_tag(pattern, commits.tag_names(workspace.folder))
    commits.add_tag(workspace.folder, name, message)
    return name


def _push(
    workspace: Workspace, result: RefreshResult, target: PushTarget, tags: set[str]
) -> RefreshResult:
    require_undamaged(workspace)
    dvc.run(workspace.folder, "push", *pipeline.stage_names(workspace.folder))
    commits.push(workspace.folder, target, sorted(tags))
    return replace(result, pushed=True)


def _follow_remote(workspace: Workspace, result: RefreshResult, target: PushTarget) -> None:
    """Undo our commit and pull; if that fails, the data is that of HEAD."""
    if result.tag:
        commits.remove_tag(workspace.folder, result.tag)
    rules = rule_files(workspace)
    with keeping(rules):
        commits.undo(workspace.folder, [*version_files(workspace), *rules])
        unfinished = UnfinishedRefresh(workspace)
        unfinished.follows()
        try:
            commits.catch_up(workspace.folder, target)
            commits.fetch_tags(workspace.folder, target)
        except LsDvcError:
            check_out_data(workspace)
            raise
        finally:
            unfinished.ends()
