"""A pin with a value in every field, from which tests make others."""

from __future__ import annotations

from ls_dvc.labels.class_ids import Classes
from ls_dvc.pin.pin import (
    ExportSnapshot,
    Pin,
    Probe,
)

PIN = Pin(
    fingerprint="12e45" + "0" * 59,
    project_id=42,
    title="Street: scenes # 1",
    url="https://ls.example.com",
    tasks=3,
    annotations=4,
    label_config="<View>\n  <Text name='t' value='$t'/>  \n</View>\n",
    snapshots=(
        ExportSnapshot(41, "range", "5" * 32, 2, 0, 999),
        ExportSnapshot(57, "delta", "9" * 32, 1, removed=(1, 7)),
    ),
    probe=Probe(3, 4, 0, "2026-11-23T17:00:00.1Z", "a" * 64, "b" * 64),
    classes=Classes.of({"image": ["Car", "no", "1", "ü😀"], "text": []}),
    pinned_at="2026-11-23T17:00:00Z",
)
