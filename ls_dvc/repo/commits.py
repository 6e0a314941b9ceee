"""git, the writing half: commits of just the given paths, tags, pushes, and merges in progress."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.io.files import is_there
from ls_dvc.repo import git, git_objects
from ls_dvc.repo.git_command import GitError, Repository, open_repository


class PushRejectedError(LsDvcError):
    """The remote has commits or tags that this clone does not know; nothing was pushed."""


@dataclass(frozen=True)
class PushTarget:
    """Where to push: a remote and a branch of it."""

    remote: str
    branch: str


def target(folder: Path, branch: str | None) -> PushTarget:
    """Where HEAD is pushed to: `branch`, else the branch it follows, else one of its own name."""
    repository = open_repository(folder)
    remotes = repository.lines("remote")
    if not remotes:
        raise LsDvcError(
            f"{repository.root} has no remote to push to",
            "run `git remote add origin URL` with the address of yours",
        )
    current = _current_branch(repository)
    if current is None:
        if branch is None:
            raise LsDvcError(
                "HEAD is on no branch, so it is not clear where to push",
                "name the branch with `--branch NAME`",
            )
        return PushTarget(_push_remote(repository, remotes, None), branch)
    followed = _config(repository, f"branch.{current}.merge").removeprefix("refs/heads/")
    if branch is None and followed not in ("", current):
        raise LsDvcError(
            f"the branch {current} follows {followed}, so it is not clear which to push to",
            f"add `--branch {current}` or `--branch {followed}`",
        )
    return PushTarget(_push_remote(repository, remotes, current), branch or current)


def changed(folder: Path, paths: Sequence[Path]) -> list[Path]:
    """Those of `paths` that differ from HEAD, or that git does not know yet."""
    repository = open_repository(folder)
    tracked = _tracked(repository, paths)
    paths = [path for path in paths if is_there(path) or path in tracked]
    for path in paths:
        if path not in tracked and _is_ignored(repository, path):
            raise LsDvcError(
                f"{path} is ignored by git, and a version of the labels needs it",
                f"run `git add -f {path.name}` once, or take it out of .gitignore",
            )
    if not paths:
        return []
    options = ("--porcelain", "-z", "--no-renames", "--untracked-files=all")
    entries = repository.text("status", *options, "--", *map(str, paths)).split("\0")
    named = _named(repository, paths, [entry[len("XY ") :] for entry in entries if entry])
    return [path for path in paths if path in named]


def commit(folder: Path, message: str, paths: Sequence[Path]) -> str:
    """Commit just `paths`, whatever else is staged; the full hash. Hooks and signing as always."""
    repository = open_repository(folder)
    tracked = _tracked(repository, paths)
    untracked = [str(path) for path in paths if is_there(path) and path not in tracked]
    if untracked:
        repository.text("add", "--", *untracked)
    try:
        # Hooks see our environment, and may want pathspecs: so those here say that they are none.
        literal = [f":(literal){path}" for path in paths]
        repository.text("commit", "--only", "-m", message, "--", *literal, globs=True)
    except LsDvcError:
        if untracked:
            repository.text("reset", "--quiet", "--", *untracked)
        raise
    return repository.text("rev-parse", "HEAD")


def undo(folder: Path, paths: Sequence[Path]) -> None:
    """Take the last commit back; `paths` are as before it, and what was staged still is.

    What a hook has put into the commit besides goes back to being uncommitted work.
    """
    repository = open_repository(folder)
    top, ours = repository.root.resolve(), {path.resolve() for path in paths}
    names = repository.text("diff", "--name-only", "-z", "HEAD~1", "HEAD").split("\0")
    repository.text("reset", "--soft", "HEAD~1")
    for name in filter(None, names):
        path = str(top / name)
        if (top / name).resolve() not in ours:
            repository.text("reset", "--quiet", "--", path)
        elif repository.text("ls-tree", "HEAD", "--", path):
            repository.text("checkout", "HEAD", "--", path)
        else:
            repository.text("rm", "--quiet", "-f", "--", path)


def unstage(folder: Path, paths: Sequence[Path]) -> None:
    """Make the index hold of `paths` what HEAD does, whatever autostage put there."""
    repository = open_repository(folder)
    if git.head(folder) is not None:
        repository.text("reset", "--quiet", "--", *map(str, paths))


def is_merging(folder: Path) -> bool:
    """Whether a merge is in progress, with or without conflicts."""
    repository = open_repository(folder)
    path = repository.text("rev-parse", "--git-path", "MERGE_HEAD")
    return is_there(repository.root / path)


def is_pushed(folder: Path, rev: str, to: PushTarget) -> bool:
    """Whether the remote's branch has a commit."""
    repository = open_repository(folder)
    if not repository.text("ls-remote", "--heads", to.remote, f"refs/heads/{to.branch}"):
        return False
    repository.text("fetch", to.remote, to.branch)
    return repository.holds("merge-base", "--is-ancestor", rev, "FETCH_HEAD")


def catch_up(folder: Path, to: PushTarget) -> None:
    """Put HEAD onto the remote's branch; commits of this clone that it lacks are rebased."""
    repository = open_repository(folder)
    repository.text("fetch", to.remote, to.branch)
    theirs = repository.text("rev-parse", "FETCH_HEAD")
    if repository.holds("merge-base", "--is-ancestor", "HEAD", theirs):
        repository.text("merge", "--ff-only", theirs)
        return
    try:
        repository.text("rebase", "--autostash", theirs)
    except LsDvcError:
        with suppress(LsDvcError):
            repository.text("rebase", "--abort")
        raise
    if repository.text("ls-files", "--unmerged"):
        raise LsDvcError(
            f"your uncommitted changes conflict with {to.remote}/{to.branch}",
            "resolve the conflicts; `git stash list` has your changes as they were",
        )


def abort_rebase(folder: Path) -> None:
    """Go back to before a rebase, if one is in progress."""
    repository = open_repository(folder)
    path = repository.text("rev-parse", "--git-path", "rebase-merge")
    if (repository.root / path).exists():
        repository.text("rebase", "--abort")


def push(folder: Path, to: PushTarget, tags: Iterable[str]) -> None:
    """Push HEAD and tags, all or nothing; `PushRejectedError` if the remote has other commits."""
    refs = [f"HEAD:refs/heads/{to.branch}", *(f"refs/tags/{tag}" for tag in tags)]
    try:
        open_repository(folder).text("push", "--atomic", to.remote, *refs)
    except GitError as error:
        if any(words in str(error) for words in _REJECTED):
            raise PushRejectedError(str(error), error.hint or _BEHIND) from error
        raise


_BEHIND = "run `git pull`, with `ls-dvc update --resolve newer` if both sides changed the pin"

# "cannot lock ref" is the answer to the second of two pushes at the same moment.
_REJECTED = ("[rejected]", "cannot lock ref", "failed to update ref")


def add_tag(folder: Path, name: str, message: str) -> None:
    """Make an annotated tag at HEAD."""
    open_repository(folder).text("tag", "-a", name, "-m", message)


def is_tag_name(folder: Path, name: str) -> bool:
    """Whether git takes a name for a tag."""
    return open_repository(folder).holds("check-ref-format", f"refs/tags/{name}")


def remove_tag(folder: Path, name: str) -> None:
    """Remove the tag from this clone."""
    open_repository(folder).text("tag", "-d", name)


def tags_of_head(folder: Path) -> list[str]:
    """The tags of the current commit."""
    return open_repository(folder).lines("tag", "--points-at", "HEAD")


def message(folder: Path) -> str:
    """The message of the current commit."""
    return open_repository(folder).text("log", "-1", "--format=%B")


def parent(folder: Path) -> str:
    """The full hash of the commit before the current one; empty before the first."""
    return open_repository(folder).text("log", "-1", "--format=%P").partition(" ")[0]


def tag_names(folder: Path) -> list[str]:
    """Every tag."""
    return open_repository(folder).lines("tag", "--list")


def fetch_tags(folder: Path, to: PushTarget) -> None:
    """Fetch the tags of the remote, so that the next number is free there too."""
    open_repository(folder).text("fetch", "--tags", to.remote)


def sides(folder: Path, path: Path) -> tuple[str | None, str | None] | None:
    """A file in conflict as `ours` and `theirs` have it; None when it is in no conflict."""
    versions = _versions_in_conflict(folder, path)
    return (versions.get("2"), versions.get("3")) if versions else None


def ancestor(folder: Path, path: Path) -> str | None:
    """A file in conflict as the common ancestor of both sides had it; None if it had none."""
    return _versions_in_conflict(folder, path).get("1")


def add(folder: Path, paths: Sequence[Path]) -> None:
    """Stage `paths`, which settles them in a merge."""
    open_repository(folder).text("add", "--", *map(str, paths))


def _versions_in_conflict(folder: Path, path: Path) -> dict[str, str]:
    """The content of a file in conflict by stage: 1 the common ancestor, 2 ours, 3 theirs."""
    repository = open_repository(folder)
    entries = repository.text("ls-files", "--unmerged", "-z", "--", str(path)).split("\0")
    fields = [entry.partition("\t")[0].split(" ") for entry in entries if entry]
    stages = {stage: blob for _, blob, stage in fields}
    texts = git_objects.read_blobs(repository, list(stages.values()))
    return dict(zip(stages, texts, strict=True))


def _current_branch(repository: Repository) -> str | None:
    """The branch that HEAD is on; None where it is detached."""
    answer = repository.run("symbolic-ref", "--quiet", "--short", "HEAD", allowed=(0, 1))
    return answer.text if answer.status == 0 else None


def _is_ignored(repository: Repository, path: Path) -> bool:
    # `check-ignore` refuses GIT_LITERAL_PATHSPECS, and takes paths literally anyway.
    answer = repository.run("check-ignore", "--", str(path), globs=True, allowed=(0, 1))
    return answer.status == 0


def _tracked(repository: Repository, paths: Sequence[Path]) -> set[Path]:
    """Those of `paths` that git knows, or that hold a file which it knows."""
    if not paths:
        return set()
    names = repository.text("ls-files", "-z", "--", *map(str, paths)).split("\0")
    return _named(repository, paths, filter(None, names))


def _named(repository: Repository, paths: Sequence[Path], names: Iterable[str]) -> set[Path]:
    """Those of `paths` that git names, below the root, or that hold a file which it names."""
    places = {_place(repository.root / name) for name in names}
    holders = places.union(*(place.parents for place in places))
    return {path for path in paths if _place(path) in holders}


def _place(path: Path) -> Path:
    """The path without links on the way to it; a link itself is a file to git."""
    return path.parent.resolve() / path.name


def _push_remote(repository: Repository, remotes: Sequence[str], branch: str | None) -> str:
    keys = ["remote.pushDefault"]
    if branch is not None:
        keys = [f"branch.{branch}.pushRemote", *keys, f"branch.{branch}.remote"]
    wanted = next(filter(None, (_config(repository, key) for key in keys)), "")
    if wanted and wanted not in remotes:
        raise LsDvcError(
            f"{wanted!r} is no remote to push to", "check `git config --get-regexp push`"
        )
    return wanted or ("origin" if "origin" in remotes else remotes[0])


def _config(repository: Repository, key: str) -> str:
    return repository.text("config", "--default", "", "--get", key)
