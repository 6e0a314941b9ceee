"""The parts of the media map of a pin, made from those of the old pin and what is fetched."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from ls_dvc.labels import label_config, media
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.media import MediaEntry, MediaReference, TaskMedia
from ls_dvc.media.addresses import Elsewhere, InlineFile, UploadedFile
from ls_dvc.media.fetch import Fetcher
from ls_dvc.media.journal import KEPT_SECONDS, Journal, NotedMedia
from ls_dvc.media.map_cache import MapCache
from ls_dvc.media.references import references
from ls_dvc.media.results import Fetched, MediaRequest, NotFetched
from ls_dvc.media.signatures import is_signed
from ls_dvc.media.store import MediaStore
from ls_dvc.progress import Reporter
from ls_dvc.settings.media import MediaSettings
from ls_dvc.snapshot import media_map
from ls_dvc.snapshot.manifest import start_in
from ls_dvc.snapshot.snapshot_folder import LABEL_CONFIG, SnapshotFolder

NO_STORAGE = "no-storage"  # no storage of the server has the bucket


@dataclass
class FetchOutcome:
    """What became of the addresses that nothing was known about; `signed` ones will expire."""

    signed: int = 0
    failures: list[NotFetched] = field(default_factory=list)
    elsewhere: Counter[Elsewhere] = field(default_factory=Counter)


def _bucket_of(address: str) -> Elsewhere:
    scheme, _, rest = address.partition("://")
    return Elsewhere(f"{scheme}://{rest.partition('/')[0]}", "label_studio.media.buckets")


@dataclass(frozen=True)
class MapBuilder:
    """The media map of `labels`, made from that of `old` and what is fetched.

    `labels` has the label config. `old` has labels and the map of the pin before, made with the
    `same_settings` or others. A part of the map stays where neither its tasks nor the config nor
    the settings changed.
    """

    labels: SnapshotFolder
    old: SnapshotFolder | None
    settings: MediaSettings
    fetcher: Fetcher
    store: MediaStore
    journal: Journal
    same_settings: bool
    known: dict[str, NotedMedia] = field(default_factory=dict)  # in another part of the old map

    @cached_property
    def config(self) -> LabelConfig:
        """The label config."""
        return label_config.parse(self.labels.config(), "the label config")

    @cached_property
    def since(self) -> float:
        """From when on notes count: a recheck asks anew."""
        return time.time() - (0 if self._rechecks else KEPT_SECONDS)

    @property
    def _rechecks(self) -> bool:
        return self.settings.recheck != "never"

    @cached_property
    def changed_shards(self) -> list[str]:
        """The shards whose part of the map is made anew."""
        return [name for name in self.labels.manifest.shards if not self._is_reusable(name)]

    def _is_reusable(self, shard: str) -> bool:
        old = self.old
        if old is None or not self.same_settings or self._rechecks:
            return False
        before, now = old.manifest.files, self.labels.manifest.files
        return all(name in before and before[name] == now[name] for name in (LABEL_CONFIG, shard))

    def fetch_unknown(self, report: Reporter) -> FetchOutcome:
        """Fetch every address that nothing is known about, and note what it led to."""
        outcome = FetchOutcome()
        requests = self._requests(outcome)
        for result in self.fetcher.fetch(requests, report) if requests else ():
            if isinstance(result, Fetched):
                self.journal.save(result.address, NotedMedia(result.file), result.validator)
            elif result.reason == NO_STORAGE:
                outcome.elsewhere[_bucket_of(result.address)] += 1
            else:
                self.journal.save(result.address, NotedMedia(None, result.reason))
                outcome.failures.append(result)
        return outcome

    def _requests(self, outcome: FetchOutcome) -> list[MediaRequest]:
        """What to ask for; what is elsewhere is counted."""
        unknown = self._unknown()
        self._look_up(unknown)
        requests = []
        for address, tag in unknown.items():
            destination = self.fetcher.destination(address)
            outcome.signed += is_signed(address)
            if isinstance(destination, Elsewhere):
                outcome.elsewhere[destination] += 1
            elif address not in self.known and not self._has_arrived(address):
                requests.append(MediaRequest(address, tag, self._known(address)))
        return requests

    def _unknown(self) -> dict[str, str]:
        """The addresses without an entry in the part for their tasks, and what shows each."""
        unknown: dict[str, str] = {}
        for shard in self.changed_shards:
            own = self._old_part(shard)
            for reference in self._references(shard):
                if reference.address not in own:
                    unknown[reference.address] = reference.tag
        return unknown

    def _look_up(self, unknown: Collection[str]) -> None:
        """Take what other parts of the old map know."""
        if unknown and self.old is not None:
            for entry in media_map.entries(self.old):
                if entry.address in unknown and self._is_reliable(entry):
                    self.known[entry.address] = NotedMedia(entry.file, entry.missing)

    def _arrival(self, address: str) -> NotedMedia | None:
        """What was fetched lately, if the settings of today allow that as well."""
        if isinstance(self.fetcher.destination(address), Elsewhere):
            return None
        return self.journal.arrival(address, self.since)

    def _has_arrived(self, address: str) -> bool:
        """Whether an update that was cut has fetched it."""
        arrival = self._arrival(address)
        if arrival is None or arrival.file is None:
            return False
        return self.store.holds(arrival.file)

    def _known(self, address: str) -> Fetched | None:
        """What an address led to before, if its source is to be asked whether it still does."""
        by_validators = self.settings.recheck == "validators"
        return self.journal.fetched(address) if by_validators else None

    def _is_reliable(self, entry: MediaEntry) -> bool:
        """Whether an entry of the old map is good for the new one, without asking again."""
        if entry.file is None and self.settings.missing != "list":
            return False
        if self.same_settings and not self._rechecks:
            return True
        destination = self.fetcher.destination(entry.address)
        if self.settings.recheck == "all":
            return False
        if self._rechecks:  # nothing else is without a validator
            return isinstance(destination, UploadedFile | InlineFile) and entry.file is not None
        return not isinstance(destination, Elsewhere)

    def _old_part(self, shard: str) -> TaskMedia:
        if self.old is None:
            return {}
        entries = media_map.of_shard(self.old, shard)
        return {address: entry for address, entry in entries.items() if self._is_reliable(entry)}

    def _references(self, shard: str) -> Iterator[MediaReference]:
        for task in self.labels.tasks_in(shard):
            yield from references(task, self.config, self.settings)

    def parts(self) -> Iterator[tuple[str, str]]:
        """The name and the SHA-256 of each part of the map, which is then in the side cache."""
        cache, changed = MapCache.of(self.store), set(self.changed_shards)
        for shard in self.labels.manifest.shards:
            name = media_map.shard_name(start_in(shard))
            if shard in changed:
                content = media.lines(self._entries(shard))
            elif self.old is not None and name in self.old.manifest.files:
                content = self.old.content(name)
            else:
                content = b""
            if content:
                yield name, cache.put_part(content)

    def _entries(self, shard: str) -> Iterator[MediaEntry]:
        own = self._old_part(shard)
        for reference in self._references(shard):
            task, name, item, address, _ = reference
            if address in own:
                yield replace(own[address], task=task, object=name, item=item)
            elif arrival := self.known.get(address) or self._arrival(address):
                yield MediaEntry(task, name, item, address, arrival.file, arrival.missing)
