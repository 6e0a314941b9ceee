"""Versions of ls-dvc, of what it stands on, and of the machine."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata

from ls_dvc import __version__
from ls_dvc.commands.doctor.findings import Check, Finding, failure, note, ok
from ls_dvc.commands.doctor.patient import Patient
from ls_dvc.repo import git_state

_PYTHON = ((3, 10), (3, 14))
_GIT = (2, 34)  # older ones are not tested
_ALONE = ("dvc", "label-studio-sdk", "click")  # each has a line of its own
_NEWEST = {"dvc": (3, 67), "label-studio-sdk": (2, 1), "click": (8, 5)}  # that were tested
_OPTIONAL = ("label-studio-sdk",)

Numbers = tuple[int, ...]


def _ls_dvc(_: Patient) -> Iterator[Finding]:
    yield ok(__version__)


def _python(_: Patient) -> Iterator[Finding]:
    words = f"{platform.python_version()} ({platform.python_implementation()})"
    if platform.python_implementation() != "CPython" or sys.version_info[:2] > _PYTHON[1]:
        versions = " to ".join(".".join(map(str, each)) for each in _PYTHON)
        yield note(f"{words}; CPython {versions} are tested")
    else:
        yield ok(words)


def _system(_: Patient) -> Iterator[Finding]:
    words = " ".join((platform.system(), platform.release(), platform.machine()))
    yield ok(words) if sys.platform == "linux" else note(f"{words}; only Linux is tested")


def _git(_: Patient) -> Iterator[Finding]:
    words = git_state.version()
    old = numbers(words) < _GIT
    least = ".".join(map(str, _GIT))
    yield note(f"{words}; {least} and newer are tested", "update git") if old else ok(words)


def _package(name: str) -> Check:
    def look(_: Patient) -> Iterator[Finding]:
        yield judged(name, _installed(name), required().get(name, ""))

    return Check(f"versions.{name}", look)


def _libraries(_: Patient) -> Iterator[Finding]:
    """All others; those within their range on one line."""
    well = []
    for name, wanted in required().items():
        found = _installed(name)
        finding = judged(name, found, wanted)
        if name in _ALONE:
            continue
        if finding.fix:
            yield Finding(finding.status, f"{name} {finding.words}", finding.fix)
        else:
            well.append(f"{name} {found}")
    yield ok(", ".join(well))


def judged(name: str, found: str, wanted: str) -> Finding:
    """The finding on a package: its version, none if it is not installed, and the range for it."""
    if not found and name in _OPTIONAL:
        return note("not installed; commands that ask the server need it", f"pip install {name}")
    if not found:
        return failure("not installed", f"pip install '{name}{wanted}'")
    if not is_within(found, wanted):
        return failure(f"{found}; ls-dvc needs {wanted}", f"pip install '{name}{wanted}'")
    newest = _NEWEST.get(name)
    if newest and numbers(found)[: len(newest)] > newest:
        last = ".".join(map(str, newest))
        return note(f"{found}; the newest that was tested is {last}")
    return ok(found)


def required() -> dict[str, str]:
    """The range of each package that ls-dvc needs, as its own metadata has it (`<4,>=3.66`)."""
    lines = metadata.requires("ls-dvc") or ()
    plain = [line for line in lines if "extra ==" not in line]
    parts = (re.match(r"([\w.-]+)\s*\(?([^;)]*)", line) for line in plain)
    return {part[1]: part[2].strip() for part in parts if part}


def is_within(version: str, wanted: str) -> bool:
    """Whether a version is in a range of `>=` and `<` that commas join; others do not count."""
    for limit in filter(None, wanted.split(",")):
        match = re.fullmatch(r"\s*(>=|<)\s*([\d.]+)\s*", limit)
        if match is None:
            continue
        bound, found = numbers(match[2]), numbers(version)
        width = max(len(bound), len(found))
        padded = [(*each, *[0] * (width - len(each))) for each in (found, bound)]
        if (padded[0] < padded[1]) == (match[1] == ">="):
            return False
    return True


def numbers(version: str) -> Numbers:
    """The first numbers with dots between them in a text."""
    match = re.search(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


CHECKS = (
    Check("versions.ls-dvc", _ls_dvc),
    Check("versions.python", _python),
    Check("versions.system", _system),
    Check("versions.git", _git),
    *map(_package, _ALONE),
    Check("versions.libraries", _libraries),
)
