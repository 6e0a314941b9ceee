"""The formats, by the names that users write in `label_studio.formats`."""

from __future__ import annotations

from collections.abc import Mapping

from ls_dvc.formats.base import Format

FORMATS: Mapping[str, Format] = {}
