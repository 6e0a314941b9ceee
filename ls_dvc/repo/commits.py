"""git, the writing half: commits of just the given paths, tags, pushes, and merges in progress."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ls_dvc.errors import LsDvcError
from ls_dvc.repo import git

if TYPE_CHECKING:
    from git import Repo


class PushRejectedError(LsDvcError):
    """The remote has commits or tags that this clone does not know; nothing was pushed."""


@dataclass(frozen=True)
class PushTarget:
    """Where to push: a remote and a branch of it."""

    remote: str
    branch: str


def target(folder: Path, branch: str | None) -> PushTarget:
    """Where HEAD is pushed to: `branch`, else the branch it follows, else one of its own name."""
    repo = git.open_at(folder)
    if not repo.remotes:
        raise LsDvcError(
            f"{repo.working_dir} has no remote to push to", "`git remote add origin …`"
        )
    if repo.head.is_detached:
        if branch is None:
            raise LsDvcError(
                "HEAD is on no branch, so it is not clear where to push",
                "name the branch with `--branch NAME`",
            )
        return PushTarget(_remote_of(repo, None), branch)
    here = repo.active_branch.name
    followed = _config(repo, f"branch.{here}.merge").removeprefix("refs/heads/")
    if branch is None and followed not in ("", here):
        raise LsDvcError(
            f"the branch {here} follows another one, {followed}: it is not clear where to push",
            f"`--branch {here}` pushes to a branch of its own name, `--branch {followed}` to that",
        )
    return PushTarget(_remote_of(repo, here), branch or here)


def changed(folder: Path, paths: Sequence[Path]) -> list[Path]:
    """Those of `paths` that differ from HEAD, or that git does not know yet."""
    repo = git.open_at(folder)
    kept = [each for each in paths if each.exists() or _is_tracked(repo, each)]
    for each in kept:
        if not _is_tracked(repo, each) and _is_ignored(repo, each):
            raise LsDvcError(
                f"{each} is ignored by git, and a version of the labels needs it",
                "take it out of .gitignore, or `git add -f` it once",
            )
    return [each for each in kept if git.call(repo, "status", "--porcelain", "--", str(each))]


def commit(folder: Path, message: str, paths: Sequence[Path]) -> str:
    """Commit just `paths`, whatever else is staged; the full hash. Hooks and signing as always."""
    repo = git.open_at(folder)
    names = [str(each) for each in paths]
    unknown = [str(each) for each in paths if each.exists() and not _is_tracked(repo, each)]
    if unknown:
        git.call(repo, "add", "--", *unknown)
    try:
        # Hooks see our environment: what they look for must not be taken literally.
        with repo.git.custom_environment(GIT_LITERAL_PATHSPECS="0"):
            literal = [f":(literal){each}" for each in names]
            git.call(repo, "commit", "--only", "-m", message, "--", *literal)
    except LsDvcError:
        if unknown:
            git.call(repo, "reset", "--quiet", "--", *unknown)
        raise
    return git.call(repo, "rev-parse", "HEAD")


def undo(folder: Path, paths: Sequence[Path]) -> None:
    """Take the last commit back; `paths` are as before it, and what was staged still is.

    What a hook has put into the commit besides goes back to being uncommitted work.
    """
    repo = git.open_at(folder)
    top, own = Path(repo.working_dir).resolve(), {each.resolve() for each in paths}
    names = git.call(repo, "diff", "--name-only", "-z", "HEAD~1", "HEAD").split("\0")
    git.call(repo, "reset", "--soft", "HEAD~1")
    for name in filter(None, names):
        path = str(top / name)
        if (top / name).resolve() not in own:
            git.call(repo, "reset", "--quiet", "--", path)
        elif git.call(repo, "ls-tree", "HEAD", "--", path):
            git.call(repo, "checkout", "HEAD", "--", path)
        else:
            git.call(repo, "rm", "--quiet", "-f", "--", path)


def unstage(folder: Path, paths: Sequence[Path]) -> None:
    """The index holds of `paths` what HEAD does, whatever autostage put there."""
    repo = git.open_at(folder)
    if repo.head.is_valid():
        git.call(repo, "reset", "--quiet", "--", *map(str, paths))


def is_merging(folder: Path) -> bool:
    """Whether a merge is in progress, resolved or not."""
    return (Path(git.open_at(folder).git_dir) / "MERGE_HEAD").exists()


def is_pushed(folder: Path, rev: str, to: PushTarget) -> bool:
    """Whether the remote's branch has a commit."""
    repo = git.open_at(folder)
    listed = git.call(repo, "ls-remote", "--heads", to.remote, f"refs/heads/{to.branch}")
    if not listed:
        return False
    git.call(repo, "fetch", to.remote, to.branch)
    theirs = git.call(repo, "rev-parse", "FETCH_HEAD")
    return git.call(repo, "merge-base", rev, theirs) == rev


def catch_up(folder: Path, to: PushTarget) -> None:
    """Put HEAD onto the remote's branch; commits of this clone that it lacks are rebased."""
    repo = git.open_at(folder)
    git.call(repo, "fetch", to.remote, to.branch)
    theirs = git.call(repo, "rev-parse", "FETCH_HEAD")
    if git.call(repo, "merge-base", "HEAD", theirs) == git.call(repo, "rev-parse", "HEAD"):
        git.call(repo, "merge", "--ff-only", theirs)
        return
    try:
        git.call(repo, "rebase", "--autostash", theirs)
    except LsDvcError:
        with suppress(LsDvcError):
            git.call(repo, "rebase", "--abort")
        raise
    if git.call(repo, "ls-files", "--unmerged"):
        raise LsDvcError(
            f"your uncommitted changes do not fit what {to.remote}/{to.branch} has by now",
            "settle the conflicts; `git stash list` has your changes as they were",
        )


def push(folder: Path, to: PushTarget, tag: str | None) -> None:
    """Push HEAD, and the tag with it or neither; `PushRejectedError` if it has other commits."""
    repo = git.open_at(folder)
    refs = [f"HEAD:refs/heads/{to.branch}", *([f"refs/tags/{tag}"] if tag else [])]
    try:
        git.call(repo, "push", "--atomic", to.remote, *refs)
    except LsDvcError as error:
        if any(words in str(error) for words in _REJECTED):
            raise PushRejectedError(str(error), error.hint or _BEHIND) from error
        raise


_BEHIND = "`git pull`, with `ls-dvc update --resolve newer` if both sides moved the pin; then again"

# "cannot lock ref" is the answer to the second of two pushes at the same moment.
_REJECTED = ("[rejected]", "cannot lock ref", "failed to update ref")


def add_tag(folder: Path, name: str, message: str) -> None:
    """An annotated tag at HEAD."""
    git.call(git.open_at(folder), "tag", "-a", name, "-m", message)


def is_tag_name(folder: Path, name: str) -> bool:
    """Whether git takes a name for a tag."""
    try:
        git.call(git.open_at(folder), "check-ref-format", f"refs/tags/{name}")
    except LsDvcError:
        return False
    return True


def remove_tag(folder: Path, name: str) -> None:
    """The tag is gone from this clone."""
    git.call(git.open_at(folder), "tag", "-d", name)


def tag_names(folder: Path) -> list[str]:
    """Every tag."""
    return git.call(git.open_at(folder), "tag", "--list").splitlines()


def fetch_tags(folder: Path, to: PushTarget) -> None:
    """The tags of the remote, so that the next number is free there too."""
    git.call(git.open_at(folder), "fetch", "--tags", to.remote)


def sides(folder: Path, path: Path) -> tuple[str | None, str | None] | None:
    """A file in conflict as `ours` and `theirs` have it; None when it is in no conflict."""
    repo = git.open_at(folder)
    if not git.call(repo, "ls-files", "--unmerged", "--", str(path)):
        return None
    name = path.resolve().relative_to(Path(repo.working_dir).resolve()).as_posix()
    ours, theirs = git.contents(folder, [(":2", name), (":3", name)])
    return ours, theirs


def ancestor(folder: Path, path: Path) -> str | None:
    """A file in conflict as the common ancestor of both sides had it."""
    name = path.resolve().relative_to(git.root(folder).resolve()).as_posix()
    return git.contents(folder, [(":1", name)])[0]


def add(folder: Path, paths: Sequence[Path]) -> None:
    """Stage `paths`, which settles them in a merge."""
    git.call(git.open_at(folder), "add", "--", *map(str, paths))


def _is_ignored(repo: Repo, path: Path) -> bool:
    try:
        with repo.git.custom_environment(GIT_LITERAL_PATHSPECS="0"):  # it knows no pathspecs
            return bool(git.call(repo, "check-ignore", "--", str(path)))
    except LsDvcError:  # how git says no
        return False


def _is_tracked(repo: Repo, path: Path) -> bool:
    return bool(git.call(repo, "ls-files", "--", str(path)))


def _remote_of(repo: Repo, branch: str | None) -> str:
    names = [each.name for each in repo.remotes]
    keys = [f"branch.{branch}.pushRemote", "remote.pushDefault", f"branch.{branch}.remote"]
    wanted = next(filter(None, (_config(repo, each) for each in keys if "None" not in each)), "")
    if wanted and wanted not in names:
        raise LsDvcError(
            f"{wanted!r} is no remote to push to", "check `git config --get-regexp push`"
        )
    return wanted or ("origin" if "origin" in names else names[0])


def _config(repo: Repo, key: str) -> str:
    return git.call(repo, "config", "--default", "", "--get", key)
