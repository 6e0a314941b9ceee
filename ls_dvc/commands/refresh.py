"""Use case: update, reproduce, verify, commit, and perhaps push; or leave all as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ls_dvc import labeldiff
from ls_dvc.commands import update
from ls_dvc.commands.refresh_checks import _require_tag, next_tag, require_committed
from ls_dvc.commands.refresh_rollback import _as_before, _check_out, _paths
from ls_dvc.commands.verify import verify
from ls_dvc.errors import BugError, LsDvcError
from ls_dvc.history import log
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.version import version_of_commit, workspace_version
from ls_dvc.io import yaml_files
from ls_dvc.io.files import locked
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.labeldiff.render import plain_text
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.progress import Reporter
from ls_dvc.repo import commits, dvc, dvc_lock, git, pipeline
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
    """What came of it. `rev` is the new commit's full hash, empty when nothing had changed."""

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
    """Commit the labels as they are on the server now; nothing at all when none moved.

    The data goes to DVC's remote before the commit goes to git's, so no commit that others see
    points at data that is not there. When another was faster, its commit is taken in and all is
    done again. When anything fails before the commit, pin and data are as before.
    """
    require_committed(workspace)
    if options.tag:
        _require_tag(workspace, options.tag)
    to = commits.target(workspace.folder, options.branch) if options.push else None
    busy = f"another `ls-dvc refresh` is at work in {workspace.folder}"
    with locked(workspace.cache.root / "refresh.lock", wait=0, busy=busy):
        for attempt in range(1, ATTEMPTS + 1):
            done = _once(workspace, connect(), update_options, options, report, now)
            if to is None:
                return done
            if not done.rev and _is_pushed(workspace, to):
                return done
            try:
                return _pushed(workspace, done, to)
            except PushRejectedError:
                if not done.rev or attempt == ATTEMPTS:
                    raise
                report.say(f"{to.remote}/{to.branch} has moved on; taking that in, then again")
                _take_back(workspace, done, to)
    raise BugError("the last attempt neither ended nor failed")


def _is_pushed(workspace: Workspace, to: PushTarget) -> bool:
    """Whether the remote has the last version; a push that failed is made good by the next run."""
    newest = log.log(workspace.folder)[:1]
    return not newest or commits.is_pushed(workspace.folder, newest[0].rev, to)


def _once(
    workspace: Workspace,
    server: Server,
    update_options: UpdateOptions,
    options: RefreshOptions,
    report: Reporter,
    now: str,
) -> RefreshResult:
    with _as_before(workspace):
        pin = update.move_pin(workspace, server, update_options, report, now)
        if not _is_due(workspace, pin):
            return RefreshResult(pin)
        pipeline.reproduce(workspace.folder)
        problems = verify(workspace).problems
        if problems:
            raise LsDvcError(
                f"what was made is not what is pinned: {problems[0]}",
                f"look at the stages in {pipeline.DVC_YAML}: frozen, or with other commands?",
            )
        diff = _diff(workspace)
        what = _upgrade(workspace, diff, pin) or _summary(diff, pin)
        subject = f"Labels of {pin.title or pin.project_id}: {what}"
        paths = commits.changed(workspace.folder, _paths(workspace))
        if not paths:
            return RefreshResult(pin)
        rev = commits.commit(workspace.folder, _message(subject, diff, pin), paths)
    tag = _tagged(workspace, options.tag, subject) if options.tag else None
    return RefreshResult(pin, rev, subject, tag)


def _is_due(workspace: Workspace, pin: Pin) -> bool:
    """Whether HEAD is not yet what the pin says, whole."""
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
    return any(_setting(workspace, key) != value for key, value in made_with.items())


def _setting(workspace: Workspace, key: str) -> object:
    """The value in params.yaml of a key as DVC writes it, with dots."""
    found: object = yaml_files.load(workspace.folder / params.NAME)
    for each in key.split("."):
        found = found.get(each) if isinstance(found, dict) else None
    return found


def _diff(workspace: Workspace) -> LabelDiff | None:
    """HEAD against the workspace; None when HEAD pins nothing, or its data is nowhere."""
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
        "Labels-Fingerprint": pin.fingerprint,
        "Label-Studio-Project": f"{pin.url}/projects/{pin.project_id}",
        "Label-Studio-Snapshot": ", ".join(map(str, pin.snapshot_ids)) or "none",
    }
    body = plain_text.commit_body(diff).strip() if diff else ""
    ends = "\n".join(f"{name}: {value}" for name, value in trailers.items())
    return "\n\n".join(part for part in (subject, body, ends) if part)


def _tagged(workspace: Workspace, pattern: str, message: str) -> str:
    name = next_tag(pattern, commits.tag_names(workspace.folder))
    commits.add_tag(workspace.folder, name, message)
    return name


def _pushed(workspace: Workspace, done: RefreshResult, to: PushTarget) -> RefreshResult:
    dvc.run(workspace.folder, "push", *pipeline.stage_names(workspace.folder))
    commits.push(workspace.folder, to, done.tag)
    return RefreshResult(done.pin, done.rev, done.subject, done.tag, pushed=True)


def _take_back(workspace: Workspace, done: RefreshResult, to: PushTarget) -> None:
    """Undo our commit and follow the remote; the data is that of HEAD when that fails."""
    if done.tag:
        commits.remove_tag(workspace.folder, done.tag)
    commits.undo(workspace.folder, _paths(workspace))
    try:
        commits.catch_up(workspace.folder, to)
        commits.fetch_tags(workspace.folder, to)
    except LsDvcError:
        _check_out(workspace)
        raise
