"""DVC: its repository, what killed runs left in it, its cache and its remote."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ls_dvc.commands.doctor.findings import Check, Finding, failure, note, ok, warning
from ls_dvc.commands.doctor.patient import Patient
from ls_dvc.io.files import nearest
from ls_dvc.repo import dvc_locks, paths

_ANY = "0" * 32  # the MD5 of no object


def _repository(patient: Patient) -> Iterator[Finding]:
    """DVC itself opens it, so an error in its configuration is found here."""
    paths.dvc_root(patient.folder)
    _ = patient.store.cache_folder
    yield ok("DVC opens it")


def _locks(patient: Patient) -> Iterator[Finding]:
    path = dvc_locks.path(patient.folder)
    if not path.exists():
        yield ok("none is held")
        return
    try:
        holders = dvc_locks.holders(path.read_text(encoding="utf-8"))
    except ValueError as error:
        yield failure(
            f"a dvc that was killed left {path} damaged ({error}), and every other one fails",
            f"rm '{path}'",
        )
        return
    alive = [pid for pid in holders if dvc_locks.is_alive(pid)]
    dead = [pid for pid in holders if pid not in alive]
    if alive:
        yield note(f"held by a dvc that is at work: {', '.join(map(str, alive))}", "wait for it")
    if dead:
        yield note(f"of dead processes ({', '.join(map(str, dead))}); the next dvc removes them")
    if not holders:
        yield ok("none is held")


def _cache(patient: Patient) -> Iterator[Finding]:
    folder = patient.store.cache_folder
    there = nearest(folder)
    if not os.access(there, os.W_OK | os.X_OK):
        yield failure(f"{there} is not writable", f"check the owner of {there}")
    elif folder.exists():
        yield ok(f"{folder} is writable")
    else:
        yield ok(f"{folder} is not there yet, and can be made")


def _remote(patient: Patient) -> Iterator[Finding]:
    name = patient.store.remote_name
    if name:
        yield ok(f"the default one is called {name}")
    else:
        yield warning(
            "no default remote, so the data is on this machine alone",
            "dvc remote add -d NAME ADDRESS",
        )


def _answer(patient: Patient) -> Iterator[Finding]:
    if not patient.store.remote_name:
        yield ok("there is none to ask")
        return
    absent = patient.store.absent_remote
    if absent:
        yield warning(
            f"there is no folder {absent}: the first `dvc push` makes it, unless it is on a disk "
            "that is not mounted",
            "dvc push",
        )
        return
    patient.store.in_remote([_ANY])
    yield ok("it can be asked")


CHECKS = (
    Check("dvc.repository", _repository),
    Check("dvc.locks", _locks, needs=("dvc.repository",)),
    Check("dvc.cache", _cache, needs=("dvc.repository",)),
    Check("dvc.remote", _remote, needs=("dvc.repository",)),
    Check("dvc.answer", _answer, needs=("dvc.remote",), asks=True),
)
