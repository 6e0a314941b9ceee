"""The address and the key, as they are set here; nobody is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ls_dvc.commands.doctor.findings import Check, Finding, failure, note, ok, warning
from ls_dvc.commands.doctor.patient import Patient
from ls_dvc.repo import git
from ls_dvc.settings import api_key, connection, env_files
from ls_dvc.settings.api_key import KeyFacts

_SOON = timedelta(days=14)
_MAKE = "make one in Label Studio: Account & Settings > Personal Access Token"
_TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def _address(patient: Patient) -> Iterator[Finding]:
    """Without an address or a key there is an error."""
    yield ok(patient.connection.url)


def _key(patient: Patient) -> Iterator[Finding]:
    yield of_key(api_key.facts(patient.connection.api_key), datetime.now(timezone.utc))


def of_key(said: KeyFacts, now: datetime) -> Finding:
    """The finding on a key, by what it says about itself."""
    if said.kind == api_key.LEGACY:
        return note(f"a {said.kind}, which does not end; newer servers switch these off", _MAKE)
    if said.kind != api_key.PERSONAL:
        return note(f"a {said.kind}", _MAKE)
    words = f"a {said.kind}"
    if said.made_at:
        words += f", {_days(now - said.made_at)} old"
    if said.ends_at is None:
        return ok(f"{words}; it does not say when it ends")
    if said.ends_at <= now:
        return failure(f"{words}; it ended on {said.ends_at:%Y-%m-%d}", _MAKE)
    words += f"; it ends on {said.ends_at:%Y-%m-%d}"
    return warning(words, _MAKE) if said.ends_at - now < _SOON else ok(words)


def _days(age: timedelta) -> str:
    return "1 day" if age.days == 1 else f"{max(age.days, 0)} days"


def _file(patient: Patient) -> Iterator[Finding]:
    path = _env_file(patient.folder)
    if patient.environment.get(connection.KEY):
        yield ok("the key is in the environment")
    elif path is not None and path.stat().st_mode & 0o077:
        yield note("others on this machine can read .env", f"chmod 600 '{path}'")
    elif path is not None:
        yield ok("the key is in .env, which nobody else can read")


def _env_file(folder: Path) -> Path | None:
    """The nearest .env, as far up as the git repository goes."""
    top = git.root(folder)
    around = [each for each in (folder, *folder.parents) if each.is_relative_to(top)]
    return next(filter(Path.is_file, (each / env_files.NAME for each in around)), None)


def _proxies(patient: Patient) -> Iterator[Finding]:
    """By the names of variables: their values may hold passwords."""
    yield ok(f"set by {', '.join(_named(patient, _PROXIES)) or 'nothing'}")


def _certificates(patient: Patient) -> Iterator[Finding]:
    yield ok(f"trusted by {', '.join(_named(patient, _TRUST)) or 'what Python brings along'}")


def _named(patient: Patient, names: Collection[str]) -> list[str]:
    """Those of the variables that are set, in the case in which they are."""
    set_ones = (name for name, value in patient.environment.items() if value)
    return sorted(name for name in set_ones if name.upper() in names)


CHECKS = (
    Check("connection.address", _address, needs=("data.settings",)),
    Check("connection.key", _key, needs=("connection.address",)),
    Check("connection.file", _file, needs=("git.repository", "connection.address")),
    Check("connection.proxies", _proxies),
    Check("connection.certificates", _certificates),
)
