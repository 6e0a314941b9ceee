"""The media of a pin: each address that its tasks name is fetched once, and noted in the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ls_dvc.errors import LsDvcError
from ls_dvc.labels import label_config, media
from ls_dvc.media.fetch import Fetcher
from ls_dvc.media.journal import opened
from ls_dvc.media.map_cache import MapCache
from ls_dvc.media.references import unknown_keys
from ls_dvc.media.store import MediaStore
from ls_dvc.pin.pin import PinnedMedia
from ls_dvc.progress import Reporter
from ls_dvc.settings.media import MediaSettings
from ls_dvc.snapshot import media_map
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.update.map_builder import FetchOutcome, MapBuilder

SHOWN = 10


@dataclass(frozen=True)
class MediaUpdate:
    """Which media to pin, and how to get them; `tasks: none` pins labels that could have some."""

    settings: MediaSettings
    store: MediaStore
    fetcher: Fetcher

    def pinned(
        self, labels: SnapshotFolder, old: SnapshotFolder | None, report: Reporter, *, same: bool
    ) -> PinnedMedia:
        """The media of `labels`, fetched into the store, with their map in the side cache.

        `old` has the labels and the map of the old pin: what did not change there is not asked for
        again, if the settings are the `same`. `LsDvcError` when something cannot be had; what
        arrived stays for the next try.
        """
        self._require_known_keys(labels)
        with opened(self.store, self.fetcher.server.url) as journal:
            builder = MapBuilder(
                labels, old, self.settings, self.fetcher, self.store, journal, same_settings=same
            )
            outcome = builder.fetch_unknown(report)
            _warn_of_signatures(outcome, report)
            self._report_elsewhere(outcome, report)
            self._report_missing(outcome, report)
            listing = dict(builder.parts())
        cache = MapCache.of(self.store)
        same_map = old is not None and media_map.parts(old) == listing
        totals = media_map.totals(old) if old is not None and same_map else None
        totals = totals or _totals(cache, listing)
        summary = media_map.summary(totals)
        listing[summary.name] = cache.put_part(summary.content)
        digest = cache.put(listing)
        return PinnedMedia(**vars(totals), map=digest, settings=self.settings.digest)

    def _require_known_keys(self, labels: SnapshotFolder) -> None:
        """A misspelt key would bring nothing, without a word."""
        config = label_config.parse(labels.config(), "the label config")
        unknown = unknown_keys(config, self.settings)
        if unknown:
            raise LsDvcError(
                f"label_studio.media.keys in params.yaml names {', '.join(map(repr, unknown))}, "
                "which no object with media in the label config has",
                "name objects of the label config, or the keys of the tasks' data that they show",
            )

    def _report_elsewhere(self, outcome: FetchOutcome, report: Reporter) -> None:
        """Say which addresses stay addresses, or fail, as the settings want it."""
        lines = [
            _counted(place.where, count)
            for place, count in sorted(outcome.elsewhere.items(), key=lambda pair: pair[0].where)
        ]
        if not lines:
            return
        settings = sorted({place.setting for place in outcome.elsewhere if place.setting})
        named = f"name them in {_listed(settings)} in params.yaml" if settings else ""
        listed = ", ".join(lines[:SHOWN]) + (", …" if len(lines) > SHOWN else "")
        if self.settings.elsewhere == "fail":
            keep = "set label_studio.media.elsewhere to keep"
            raise LsDvcError(
                f"not all media are where ls-dvc may fetch them: {listed}",
                f"{named}, or {keep}" if named else keep,
            )
        more = f"; {named} to fetch them" if named else ""
        report.say(f"media that stay addresses: {listed}{more}")

    def _report_missing(self, outcome: FetchOutcome, report: Reporter) -> None:
        """Say what could not be had, or fail, as the settings want it."""
        failures = sorted(outcome.failures)
        if not failures:
            return
        listed = [f"  {each.message}" for each in failures[:SHOWN]]
        lines = "\n".join([*listed, *(["  …"] if len(failures) > SHOWN else [])])
        is_one = len(failures) == 1
        what = f"{len(failures)} media {'file' if is_one else 'files'}"
        if self.settings.missing == "fail":
            raise LsDvcError(
                f"{what} cannot be fetched, so nothing was pinned:\n{lines}",
                "set label_studio.media.missing to list in params.yaml to pin the labels without "
                "them",
            )
        pinned = f"{'is' if is_one else 'are'} pinned as missing"
        report.say(f"warning: {what} cannot be fetched and {pinned}:\n{lines}")


def _warn_of_signatures(outcome: FetchOutcome, report: Reporter) -> None:
    if outcome.signed:
        what = (
            "1 address has a signature"
            if outcome.signed == 1
            else f"{outcome.signed} addresses have signatures"
        )
        report.say(f"warning: {what} and will expire: nobody can fetch from there then")


def _counted(where: str, count: int) -> str:
    """How many addresses are at a host or in a bucket, or of a kind."""
    if " " in where:  # a kind, in the plural
        return f"{count} of the {where}"
    return f"{count} {'address' if count == 1 else 'addresses'} on {where}"


def _listed(settings: Sequence[str]) -> str:
    """The names of settings of one block: `label_studio.media.hosts, buckets or roots`."""
    first, *others = settings
    names = [first, *(each.rpartition(".")[2] for each in others)]
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _totals(cache: MapCache, listing: Mapping[str, str]) -> media_map.MediaTotals:
    """Of the parts of a map, which are in the side cache."""
    seen, size, missing = set[bytes](), 0, set[str]()
    for sha256 in listing.values():
        for entry in media.parse(cache.part(sha256).read_bytes()):
            if entry.file is None:
                missing.add(entry.address)
            elif (md5 := bytes.fromhex(entry.file.md5)) not in seen:
                seen.add(md5)
                size += entry.file.size
    return media_map.MediaTotals(len(seen), size, len(missing))
