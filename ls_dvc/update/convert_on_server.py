"""Formats that the server writes: converted when labels are pinned, while it has just those."""

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


def require_offered(server: Server, served: Mapping[str, bool]) -> None:
    """`LsDvcError` when the server cannot write one of the formats, or not for its project."""
    offered = server.offered_formats() if served else {}
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
                "run `ls-dvc formats` to see whether ls-dvc can write it",
            )


@dataclass(frozen=True)
class ConversionOptions:
    """What a server is asked to write: the formats, True where our own converter is the fallback.

    It has `seconds` for each. `folder` is for temporary files.
    """

    served: Mapping[str, bool]
    seconds: float
    cache: Cache
    folder: Path

    def converted_pin(self, server: Server, pin: Pin, report: Reporter) -> Pin:
        """`pin`, which is one snapshot, with what the server writes of that.

        `ConversionError` if it fails and there is no fallback, `LabelsChangingError` if the label
        config, by which it converts, is no longer that of the pin.
        """
        if not self.served:
            return pin
        conversions = tuple(self._conversions(server, pin, report))
        if server.state().label_config != pin.label_config:
            raise LabelsChangingError(
                f"the label config of project {pin.project_id} changed while the server converted",
                "run `ls-dvc update` again when nobody changes it",
            )
        return replace(pin, converted=conversions)

    def _conversions(
        self, server: Server, pin: Pin, report: Reporter
    ) -> Iterator[ServerConversion]:
        (snapshot,) = pin.snapshots
        for name, has_fallback in sorted(self.served.items()):
            report.say(f"the server converts snapshot {snapshot.id} to {name}")
            request = ConversionRequest(snapshot, name, self.seconds)
            try:
                sha256 = fetch.fetch_conversion(server, request, self.cache, self.folder)
            except ConversionError as error:
                if not has_fallback:
                    raise
                report.say(f"warning: {error}; ls-dvc writes it instead")
                yield ServerConversion(name, why=error.why)
            else:
                yield ServerConversion(name, sha256)
