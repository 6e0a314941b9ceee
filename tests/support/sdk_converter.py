"""Label Studio SDK's converter, whose files ours are compared with."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from support.projects import Raw


def sdk(fmt: str, raw: Sequence[Raw], config: str) -> dict[str, str]:
    """The files that the SDK's converter writes, by path."""
    from label_studio_sdk.converter import Converter

    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "export.json", Path(name) / "out"
        source.write_text(json.dumps(raw))
        converter = Converter(config, name, download_resources=False)
        converter.convert(str(source), str(target), fmt, is_dir=False)
        return {
            path.relative_to(target).as_posix(): path.read_bytes().decode()
            for path in target.rglob("*")
            if path.is_file()
        }


def pictures_config(boxes: Sequence[str], areas: Sequence[str]) -> str:
    """Every other label is shown under another name than it is stored under."""

    def labels(names: Sequence[str]) -> str:
        stored = [f"<Label value={quoteattr(each)}/>" for each in names]
        stored[1::2] = [f'<Label value="shown" alias={quoteattr(each)}/>' for each in names[1::2]]
        return "".join(stored)

    return f"""<View><Image name="image" value="$image"/>
    <RectangleLabels name="box" toName="image">{labels(boxes)}</RectangleLabels>
    <PolygonLabels name="area" toName="image">{labels(areas)}</PolygonLabels></View>"""
