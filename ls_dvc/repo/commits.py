"""git, the writing half: commits of just the given paths, tags, pushes, and merges in progress."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ls_dvc.errors import UserError
from ls_dvc.repo import git

if TYPE_CHECKING:
    from git import Repo


class RejectedError(UserError):
    """The remote has commits or tags that this clone does not know; nothing was pushed."""


@dataclass(frozen=True)
class Target:
    """Where to push: a remote and a branch of it."""

    remote: str
    branch: str


def target(folder: Path, branch: str | None) -> Target:
    """Where HEAD is pushed to: `branch`, else the branch it follows, else one of its own name."""
    repo = git.open_at(folder)
    if not repo.remotes:
        raise UserError(f"{repo.working_dir} has no remote to push to", "`git remote add origin …`")
    if repo.head.is_detached:
        if branch is None:
            raise UserError(
                "HEAD is on no branch, so it is not clear where to push",
                "name the branch with `--branch NAME`",
            )
        return Target(_remote_of(repo, None), branch)
    here = repo.active_branch.name
    followed = _config(repo, f"branch.{here}.merge").removeprefix("refs/heads/")
    return Target(_remote_of(repo, here), branch or followed or here)


def changed(folder: Path, paths: Sequence[Path]) -> list[Path]:
    """Those of `paths` that differ from HEAD, or that git does not know yet."""
    repo = git.open_at(folder)
    kept = [each for each in paths if each.exists() or _is_tracked(repo, each)]
    return [each for each in kept if git.call(repo, "status", "--porcelain", "--", str(each))]


def commit(folder: Path, message: str, paths: Sequence[Path]) -> str:
    """Commit just `paths`, whatever else is staged; the full hash. Hooks and signing as always."""
    repo = git.open_at(folder)
    names = [str(each) for each in paths]
    unknown = [str(each) for each in paths if each.exists() and not _is_tracked(repo, each)]
    if unknown:
        git.call(repo, "add", "--", *unknown)
    try:
        git.call(repo, "commit", "--only", "-m", message, "--", *names)
    except UserError:
        if unknown:
            git.call(repo, "reset", "--quiet", "--", *unknown)
        raise
    return git.call(repo, "rev-parse", "HEAD")


def undo(folder: Path) -> None:
    """Take the last commit back; its files are as before it, and what was staged still is."""
    repo = git.open_at(folder)
    names = git.call(repo, "diff", "--name-only", "-z", "HEAD~1", "HEAD").split("\0")
    git.call(repo, "reset", "--soft", "HEAD~1")
    top = Path(repo.working_dir)
    for name in filter(None, names):
        if git.call(repo, "ls-tree", "HEAD", "--", name):
            git.call(repo, "checkout", "HEAD", "--", str(top / name))
        else:
            git.call(repo, "rm", "--quiet", "-f", "--", str(top / name))


def catch_up(folder: Path, to: Target) -> None:
    """Put HEAD onto the remote's branch; commits of this clone that it lacks are rebased."""
    repo = git.open_at(folder)
    git.call(repo, "fetch", to.remote, to.branch)
    theirs = git.call(repo, "rev-parse", "FETCH_HEAD")
    if git.call(repo, "merge-base", "HEAD", theirs) == git.call(repo, "rev-parse", "HEAD"):
        git.call(repo, "merge", "--ff-only", theirs)
        return
    try:
        git.call(repo, "rebase", "--autostash", theirs)
    except UserError:
        with suppress(UserError):
            git.call(repo, "rebase", "--abort")
        raise


def push(folder: Path, to: Target, tag: str | None) -> None:
    """Push HEAD, and the tag with it or neither; `RejectedError` when the remote has moved on."""
    repo = git.open_at(folder)
    refs = [f"HEAD:refs/heads/{to.branch}", *([f"refs/tags/{tag}"] if tag else [])]
    try:
        git.call(repo, "push", "--atomic", to.remote, *refs)
    except UserError as error:
        rejected = (
            "[rejected]",
            "non-fast-forward",
            "fetch first",
            "already exists",
            "cannot lock ref",
        )
        if any(words in str(error) for words in rejected):
            raise RejectedError(str(error), error.hint) from error
        raise


# "cannot lock ref" is what the loser of two pushes at the same moment is told.
_REJECTED = ("[rejected]", "cannot lock ref", "failed to update ref")


def add_tag(folder: Path, name: str, message: str) -> None:
    """An annotated tag at HEAD."""
    git.call(git.open_at(folder), "tag", "-a", name, "-m", message)


def remove_tag(folder: Path, name: str) -> None:
    """The tag is gone from this clone."""
    git.call(git.open_at(folder), "tag", "-d", name)


def tag_names(folder: Path) -> list[str]:
    """Every tag."""
    return git.call(git.open_at(folder), "tag", "--list").splitlines()


def fetch_tags(folder: Path, to: Target) -> None:
    """The tags of the remote, so that the next number is free there too."""
    git.call(git.open_at(folder), "fetch", "--tags", "--force", to.remote)


def sides(folder: Path, path: Path) -> tuple[str | None, str | None] | None:
    """A file in conflict as `ours` and `theirs` have it; None when it is in no conflict."""
    repo = git.open_at(folder)
    if not git.call(repo, "ls-files", "--unmerged", "--", str(path)):
        return None
    name = path.resolve().relative_to(Path(repo.working_dir).resolve()).as_posix()
    ours, theirs = git.contents(folder, [(":2", name), (":3", name)])
    return ours, theirs


def add(folder: Path, paths: Sequence[Path]) -> None:
    """Stage `paths`, which settles them in a merge."""
    git.call(git.open_at(folder), "add", "--", *map(str, paths))


def _is_tracked(repo: Repo, path: Path) -> bool:
    return bool(git.call(repo, "ls-files", "--", str(path)))


def _remote_of(repo: Repo, branch: str | None) -> str:
    names = [each.name for each in repo.remotes]
    followed = _config(repo, f"branch.{branch}.remote") if branch else ""
    return followed or ("origin" if "origin" in names else names[0])


def _config(repo: Repo, key: str) -> str:
    return git.call(repo, "config", "--default", "", "--get", key)
