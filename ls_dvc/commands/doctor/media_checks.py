"""Media: one address of each kind that the newest tasks name, asked for its first bytes."""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.commands.doctor.findings import Check, Finding, note, ok, warning
from ls_dvc.commands.doctor.patient import Patient
from ls_dvc.errors import LsDvcError
from ls_dvc.labels import label_config
from ls_dvc.media import reach
from ls_dvc.media.addresses import Destination
from ls_dvc.media.fetch import Fetcher
from ls_dvc.media.references import references
from ls_dvc.media.results import MissingMediaError
from ls_dvc.settings.media import MediaSettings


def _reach(patient: Patient) -> Iterator[Finding]:
    settings = patient.workspace.params.fetched_media
    if settings is None:
        yield ok("the settings ask for none")
        return
    store, project = patient.workspace.media_store, patient.state.project_id
    fetcher = Fetcher(patient.server, settings, patient.folder, project, store)
    samples = {type(where): (where, tag) for where, tag in _destinations(patient, fetcher)}
    if not samples:
        yield ok("the newest tasks name none")
    for kind, (where, tag) in samples.items():
        try:
            reach.require_reachable(fetcher, where, tag)
            yield ok(f"{reach.KINDS[kind]}: one was asked for, and can be had")
        except LsDvcError as error:
            yield of_missing(reach.KINDS[kind], error)


def of_missing(kind: str, error: LsDvcError) -> Finding:
    """The finding on a kind of address whose sample cannot be had; which one is not shown."""
    if isinstance(error, MissingMediaError) and error.reason == "elsewhere":
        return note(f"{kind}: {error} stay addresses", error.hint)
    return warning(f"{kind}: one was asked for, and cannot be had: {error}", error.hint or _MORE)


_MORE = "ls-dvc update, which names all that cannot be had"


def _destinations(patient: Patient, fetcher: Fetcher) -> Iterator[tuple[Destination, str]]:
    """Each with the tag of the object that shows it; annotations are not asked for."""
    config = label_config.parse(patient.state.label_config, "the label config")
    every = MediaSettings(**{**fetcher.settings.plain(), "tasks": "all"})
    for task in patient.sample:
        for reference in references(task, config, every):
            yield fetcher.destination(reference.address), reference.tag


CHECKS = (Check("media.reach", _reach, needs=("server.config",), asks=True),)
