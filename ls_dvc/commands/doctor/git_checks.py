"""Git: what of it could make a command fail, or leave a version out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from ls_dvc.commands.doctor.findings import Check, Finding, failure, note, ok, warning
from ls_dvc.commands.doctor.patient import Patient
from ls_dvc.pin import lockfile
from ls_dvc.repo import commits, dvc_lock, git, git_driver, git_state, pipeline
from ls_dvc.settings import params


def _repository(patient: Patient) -> Iterator[Finding]:
    """Git's own refusals come as errors: a repository of another user, a damaged one."""
    git.require(patient.folder)
    if git.head(patient.folder) is None:
        yield note("there is no commit yet", "git commit")
    elif not git_state.is_on_branch(patient.folder):
        yield note(
            "HEAD is on no branch, as in most CI checkouts", "ls-dvc refresh --push --branch NAME"
        )
    else:
        yield ok("git reads it, and HEAD is on a branch")


def _history(patient: Patient) -> Iterator[Finding]:
    shallow = git.is_shallow(patient.folder)
    if shallow:
        yield warning(
            "this clone is shallow: log, blame and prune do not know older versions",
            "git fetch --unshallow",
        )
    if git_state.is_partial(patient.folder):
        yield note("this clone is partial: older versions are fetched when they are looked at")
    elif not shallow:
        yield ok("the clone has all of it")


def _operation(patient: Patient) -> Iterator[Finding]:
    lock, operation = git_state.index_lock(patient.folder), git_state.operation(patient.folder)
    if lock:
        yield failure(
            "the index is locked, so nothing can be committed: by a git that is at work, or by "
            "one that was killed",
            f"rm '{lock}', if no git is at work",
        )
    if operation:
        yield warning(
            f"a {operation} is in progress, so `ls-dvc refresh` commits nothing",
            f"git {operation} --continue, after `ls-dvc update --resolve newer` if the pin is in "
            "conflict",
        )
    if not lock and not operation:
        yield ok("nothing is in progress")


def _identity(patient: Patient) -> Iterator[Finding]:
    if git_state.has_identity(patient.folder):
        yield ok("git knows who commits")
    else:
        yield warning(
            "git does not know who commits, so `ls-dvc refresh` cannot",
            "git config user.name NAME && git config user.email ADDRESS",
        )


def _remote(patient: Patient) -> Iterator[Finding]:
    if git_state.has_remote(patient.folder):
        yield ok("there is one to push to")
    else:
        yield note("there is none, so `ls-dvc refresh --push` has nowhere to push", _ADD_REMOTE)


def _files(patient: Patient) -> Iterator[Finding]:
    """An ignored file is an error of `changed`."""
    names = (params.NAME, pipeline.DVC_YAML, lockfile.NAME, dvc_lock.NAME)
    changed = commits.changed(patient.folder, [patient.folder / name for name in names])
    if changed:
        listed = " ".join(path.name for path in changed)
        yield note(f"not committed: {listed}", f"git add {listed} && git commit")
    else:
        yield ok("what ls-dvc keeps in git is committed")


def _diff(patient: Patient) -> Iterator[Finding]:
    """Only what would be shown otherwise is a warning: a diff without words is git's own."""
    named = git_driver.attribute(patient.folder / lockfile.NAME)
    found = git_driver.settings(patient.folder)
    own = {name for name, value in found.items() if git_driver.is_own(value)}
    if named != git_driver.DRIVER:
        yield note(f"`git diff` shows hashes of {lockfile.NAME}, not words", _SET_UP)
    elif found.keys() != git_driver.SETTINGS.keys():
        yield note(f"in this clone `git diff` shows hashes of {lockfile.NAME}, not words", _SET_UP)
    elif own != found.keys():
        yield note(f"`git diff` of {lockfile.NAME} runs a command of your own")
    elif found != git_driver.SETTINGS:
        yield warning("`git diff` is set up as another version of ls-dvc does it", _SET_UP)
    elif shutil.which("ls-dvc", path=patient.environment.get("PATH")) is None:
        yield warning(
            f"`git diff` shows hashes of {lockfile.NAME}: there is no ls-dvc on the PATH",
            "activate the environment that has ls-dvc",
        )
    else:
        yield ok(f"`git diff` shows {lockfile.NAME} in words")


_SET_UP = "ls-dvc init"
_ADD_REMOTE = "git remote add origin ADDRESS"

CHECKS = (
    Check("git.repository", _repository),
    Check("git.history", _history, needs=("git.repository",)),
    Check("git.operation", _operation, needs=("git.repository",)),
    Check("git.identity", _identity, needs=("git.repository",)),
    Check("git.remote", _remote, needs=("git.repository",)),
    Check("git.diff", _diff, needs=("git.repository",)),
    Check("git.files", _files, needs=("git.repository",)),
)
