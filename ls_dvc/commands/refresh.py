"""Use case: update, reproduce, verify, commit, and perhaps push; or leave all as it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ls_dvc import labeldiff
from ls_dvc.commands import export
from ls_dvc.commands.verify import verify
from ls_dvc.errors import BugError, LsDvcError
from ls_dvc.history import log, version
from ls_dvc.io import yaml_files
from ls_dvc.io.files import locked, write_atomically
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.labeldiff.render import plain_text
from ls_dvc.pin import lockfile
from ls_dvc.pin.lockfile import Pin
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
    place: Workspace,
    connect: Callable[[], Server],
    order: UpdateOptions,
    wish: RefreshOptions,
    report: Reporter,
    now: str,
) -> RefreshResult:
    """Commit the labels as they are on the server now; nothing at all when none moved.

    The data goes to DVC's remote before the commit goes to git's, so no commit that others see
    points at data that is not there. When another was faster, its commit is taken in and all is
    done again. When anything fails before the commit, pin and data are as before.
    """
    require_committed(place)
    if wish.tag:
        _require_tag(place, wish.tag)
    to = commits.target(place.folder, wish.branch) if wish.push else None
    busy = f"another `ls-dvc refresh` is at work in {place.folder}"
    with locked(place.cache.root / "refresh.lock", wait=0, busy=busy):
        for attempt in range(1, ATTEMPTS + 1):
            done = _once(place, connect(), order, wish, report, now)
            if to is None:
                return done
            if not done.rev and _is_pushed(place, to):
                return done
            try:
                return _pushed(place, done, to)
            except PushRejectedError:
                if not done.rev or attempt == ATTEMPTS:
                    raise
                report.say(f"{to.remote}/{to.branch} has moved on; taking that in, then again")
                _take_back(place, done, to)
    raise BugError("the last attempt neither ended nor failed")


def _require_tag(place: Workspace, pattern: str) -> None:
    """A tag that cannot be made must not be found out behind the commit."""
    known = commits.tag_names(place.folder)
    name = next_tag(pattern, known)
    hint = "take another pattern: --tag 'data-v{n}'"
    for each in known:
        if f"{each}/".startswith(f"{name}/") or f"{name}/".startswith(f"{each}/"):
            raise LsDvcError(f"the tag {name} cannot be made beside {each}", hint)
    if not commits.is_tag_name(place.folder, name):
        raise LsDvcError(f"{name!r} is no name for a tag", hint)


def _is_pushed(place: Workspace, to: PushTarget) -> bool:
    """Whether the remote has the last version; a push that failed is made good by the next run."""
    newest = log.log(place.folder)[:1]
    return not newest or commits.is_pushed(place.folder, newest[0].rev, to)


def require_committed(place: Workspace) -> None:
    """`LsDvcError` when a commit now would not reproduce: its settings are not in git."""
    git.require(place.folder)
    if commits.is_merging(place.folder):
        raise LsDvcError("a merge is in progress", "commit it first (`ls-dvc update --resolve …`)")
    names = (pipeline.DVC_YAML, params.NAME, dvc_lock.NAME)
    committed = {name: git.committed_text(place.folder / name) for name in names}
    for name in names[:2]:
        if committed[name] is None:
            raise LsDvcError(
                f"{place.folder / name} is not committed yet", f"`git add {name}` first"
            )
    if _block(committed[params.NAME] or "") != _block(
        yaml_files.read_text(place.folder / params.NAME)
    ):
        raise LsDvcError(
            f"{params.BLOCK} in {params.NAME} has changes that are not committed",
            "commit them first, so that the new labels belong to settings that git knows",
        )
    if commits.changed(place.folder, [place.folder / pipeline.DVC_YAML]):
        raise LsDvcError(f"{pipeline.DVC_YAML} has changes that are not committed", "commit them")
    _require_others_committed(place, committed[dvc_lock.NAME] or "")


def _require_others_committed(place: Workspace, committed: str) -> None:
    """dvc.lock is committed whole, so the stages of others in it must be as in HEAD."""
    ours = set(pipeline.stage_names(place.folder))
    here = yaml_files.read_text(place.dvc_lock) if place.dvc_lock.is_file() else ""
    then = dvc_lock.others(committed, f"{dvc_lock.NAME} in HEAD", ours)
    now = dvc_lock.others(here, str(place.dvc_lock), ours)
    for name in sorted(name for name in {*then, *now} if then.get(name) != now.get(name)):
        raise LsDvcError(
            f"{dvc_lock.NAME} has changes of the stage {name} that are not committed",
            "commit or undo them first: the labels' commit would sweep them in",
        )


def _block(text: str) -> object:
    document = yaml_files.parse(text, params.NAME)
    return document.get(params.BLOCK) if isinstance(document, dict) else None


def _once(
    place: Workspace,
    server: Server,
    order: UpdateOptions,
    wish: RefreshOptions,
    report: Reporter,
    now: str,
) -> RefreshResult:
    with _as_before(place):
        pin = export.move_pin(place, server, order, report, now)
        if not _is_due(place, pin):
            return RefreshResult(pin)
        pipeline.reproduce(place)
        problems = verify(place).problems
        if problems:
            raise LsDvcError(
                f"what was made is not what is pinned: {problems[0]}",
                f"look at the stages in {pipeline.DVC_YAML}: frozen, or with other commands?",
            )
        diff = _diff(place)
        subject = f"Labels of {pin.title or pin.project_id}: {_summary(diff, pin)}"
        paths = commits.changed(place.folder, _paths(place))
        if not paths:
            return RefreshResult(pin)
        rev = commits.commit(place.folder, _message(subject, diff, pin), paths)
    tag = _tagged(place, wish.tag, subject) if wish.tag else None
    return RefreshResult(pin, rev, subject, tag)


def _is_due(place: Workspace, pin: Pin) -> bool:
    """Whether HEAD is not yet what the pin says, whole."""
    committed = git.committed_text(place.pin)
    if committed is None or lockfile.is_empty(committed, "HEAD"):
        return True
    text = git.committed_text(place.dvc_lock) or ""
    then = lockfile.parse(committed, "HEAD").fingerprint
    if not then == dvc_lock.fingerprint(text, "HEAD") == pin.fingerprint:
        return True
    ours = set(pipeline.stage_names(place.folder))
    made_with = dvc_lock.settings(text, "HEAD", ours, params.NAME)
    return any(_setting(place, key) != value for key, value in made_with.items())


def _setting(place: Workspace, key: str) -> object:
    """The value in params.yaml of a key as DVC writes it, with dots."""
    found: object = yaml_files.load(place.folder / params.NAME)
    for each in key.split("."):
        found = found.get(each) if isinstance(found, dict) else None
    return found


def _paths(place: Workspace) -> list[Path]:
    """All that a version of the labels is in git."""
    folder = place.snapshot.parent
    return [
        place.pin,
        place.dvc_lock,
        place.labels_report,
        place.classes_report,
        folder / ".gitignore",
        place.reports / ".gitignore",
    ]


def _diff(place: Workspace) -> LabelDiff | None:
    """HEAD against the workspace; None when HEAD pins nothing, or its data is nowhere."""
    try:
        before = version.committed(place, "HEAD")
        with (
            version.opened(place, before) as old,
            version.opened(place, version.workspace(place)) as new,
        ):
            return labeldiff.compare(old, new)
    except LsDvcError:
        return None


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


def _tagged(place: Workspace, pattern: str, message: str) -> str:
    name = next_tag(pattern, commits.tag_names(place.folder))
    commits.add_tag(place.folder, name, message)
    return name


def next_tag(pattern: str, names: list[str]) -> str:
    """The pattern with the number after the highest of `names`; as it is without {n}."""
    if "{n}" not in pattern:
        return pattern
    shape = re.compile(re.escape(pattern).replace(r"\{n\}", r"(\d+)"))
    taken = [int(found[1]) for found in map(shape.fullmatch, names) if found]
    return pattern.replace("{n}", str(max(taken, default=0) + 1))


def _pushed(place: Workspace, done: RefreshResult, to: PushTarget) -> RefreshResult:
    dvc.run(place.folder, "push", *pipeline.stage_names(place.folder))
    commits.push(place.folder, to, done.tag)
    return RefreshResult(done.pin, done.rev, done.subject, done.tag, pushed=True)


def _take_back(place: Workspace, done: RefreshResult, to: PushTarget) -> None:
    """Undo our commit and follow the remote; the data is that of HEAD when that fails."""
    if done.tag:
        commits.remove_tag(place.folder, done.tag)
    commits.undo(place.folder, _paths(place))
    try:
        commits.catch_up(place.folder, to)
        commits.fetch_tags(place.folder, to)
    except LsDvcError:
        _check_out(place)
        raise


@contextmanager
def _as_before(place: Workspace) -> Iterator[None]:
    """All that a version is, in git and in DVC, is as before when the block fails."""
    kept = {path: path.read_bytes() if path.is_file() else None for path in _paths(place)}
    try:
        yield
    except BaseException:
        if _put_back(kept):
            with suppress(LsDvcError):
                commits.unstage(place.folder, _known(place))
            _check_out(place)
        raise


def _known(place: Workspace) -> list[Path]:
    """Those of `_paths` that there are, or were."""
    return [each for each in _paths(place) if each.exists() or git.committed_text(each) is not None]


def _check_out(place: Workspace) -> None:
    outs = _outs(place)
    if outs:  # without a target, DVC would check out all that the repository has
        with suppress(LsDvcError):
            dvc.run(place.folder, "checkout", "--quiet", "--force", *outs)


def _put_back(kept: dict[Path, bytes | None]) -> bool:
    """Whether anything had changed. One file that cannot be put back keeps no other from it."""
    touched = False
    for path, content in kept.items():
        now = path.read_bytes() if path.is_file() else None
        touched |= now != content
        with suppress(OSError):
            if content is None:
                path.unlink(missing_ok=True)
            elif now != content:
                write_atomically(path, content)
    return touched


def _outs(place: Workspace) -> list[str]:
    if not place.dvc_lock.is_file():
        return []
    outs = dvc_lock.outs(yaml_files.read_text(place.dvc_lock), str(place.dvc_lock))
    ours = set(pipeline.stage_names(place.folder))
    return [each.path for each in outs if each.stage in ours]
