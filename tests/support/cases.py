"""Small inputs with right values, from public reports: tests/cases has a folder for each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ls_dvc.labels.class_ids import Classes
from support import projects

FOLDER = Path(__file__).parents[1] / "cases"


def convert(case: str, fmt: str, **fields: Any) -> projects.Output:
    """What a format makes of the tasks of a case, which are as Label Studio's import takes them."""
    config = (FOLDER / case / "config.xml").read_text()
    raw = [
        projects.task(
            number,
            *(projects.annotation(*each["result"]) for each in imported["annotations"]),
            data=imported["data"],
        )
        for number, imported in enumerate(json.loads((FOLDER / case / "input.json").read_text()), 1)
    ]
    parsed = projects.about(config, []).config
    classes = Classes().extended(parsed.classes(), parsed.class_ids())
    return projects.convert(fmt, raw, config, classes, **fields)
