"""A pin of labels that the server writes as well: converted at once, while it has them so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ls_dvc.errors import ConversionError, LabelsChangingError, LsDvcError
from ls_dvc.pin.pin import Pin, ServerConversion
from ls_dvc.progress import Reporter
from ls_dvc.server import fetch
from ls_dvc.server.cache import Cache
from ls_dvc.server.fetch import ConversionRequest
from ls_dvc.server.interface import Server
from ls_dvc.snapshot import server_formats, snapshot_folder
from ls_dvc.update.chain import Chain


def require_offered(server: Server, served: Mapping[str, bool]) -> None:
    """`LsDvcError` when the server cannot write one of the formats, or not for its project."""
    offered = server.offered() if served else {}
    for name in served:
        where = f"label_studio.engines.{name} in params.yaml"
        if name not in offered:
            raise LsDvcError(
                f"{where}: {server.url} does not write {name}",
                f"its version of Label Studio writes {', '.join(sorted(offered))}",
            )
        if not offered[name]:
            raise LsDvcError(
                f"{where}: {server.url} does not offer {name} for the project's label config",
                "`ls-dvc formats` says whether our own converter can write it",
            )


@dataclass(frozen=True)
class ConversionOptions:
    """What a server is asked to write: the formats, True where our own converter may stand in.

    It has `seconds` for each. `folder` is for files on the way into the side cache.
    """

    served: Mapping[str, bool]
    seconds: float
    cache: Cache
    folder: Path

    def added(self, server: Server, pin: Pin, chain: Chain, report: Reporter) -> Pin:
        """`pin`, which is of a chain of one snapshot, and what the server writes of that.

        `ConversionError` when it does not and nothing may stand in, `LabelsChangingError` when the
        label config, by which it converts, is not that of the pin any more.
        """
        if not self.served:
            return pin
        made = tuple(self._made(server, pin, report))
        if server.state().label_config != pin.label_config:
            raise LabelsChangingError(
                f"the label config of project {pin.project_id} changed while the server converted",
                "try again when nobody changes it",
            )
        labels = chain.folder.patched(snapshot_folder.companions(pin.label_config, pin.classes), ())
        files = server_formats.files(
            made, lambda each: self.cache.archive(each.sha256).read_bytes()
        )
        whole = labels.manifest.with_files(files).fingerprint
        return replace(pin, fingerprint=whole, labels=pin.fingerprint, converted=made)

    def _made(self, server: Server, pin: Pin, report: Reporter) -> Iterator[ServerConversion]:
        (snapshot,) = pin.snapshots
        for name, may_stand_in in sorted(self.served.items()):
            report.say(f"the server converts snapshot {snapshot.id} to {name}")
            request = ConversionRequest(snapshot, name, self.seconds)
            try:
                sha256 = fetch.fetch_conversion(server, request, self.cache, self.folder)
            except ConversionError as error:
                if not may_stand_in:
                    raise
                report.say(f"warning: {error}; our own converter stands in")
                yield ServerConversion(name, why=error.why)
            else:
                yield ServerConversion(name, sha256)
