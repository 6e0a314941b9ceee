"""What people call a task: the file name of what it shows, or the beginning of its text."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from ls_dvc.io.printable import cut
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.shown_objects import shown_objects

LONGEST = 120  # characters
_ADDED = re.compile(r"^[0-9a-f]{8}-(?=.)")  # in front of the name of each uploaded file
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_TEXTS = ("Text", "HyperText", "Header")


def task_name(task: Task, config: LabelConfig) -> str:
    """The file name of the first medium, or the first text on one line; empty without either."""
    return next(shown_names(task, config), "")


def shown_names(task: Task, config: LabelConfig) -> Iterator[str]:
    """The file name of each medium that a task shows, and each text, cut, on one line."""
    for shown in shown_objects(config, task.get("data")):
        for _, item in shown.items:
            if isinstance(item, str) and item.strip():
                text = item if shown.declared.tag in _TEXTS else _file_name(item)
                text = _TAG.sub(" ", text) if shown.declared.tag == "HyperText" else text
                yield cut(" ".join(text.split()), LONGEST)


def _file_name(address: str) -> str:
    try:
        path = urlsplit(address).path
    except ValueError:
        return address
    name = unquote(posixpath.basename(path))
    return (_ADDED.sub("", name) if path.startswith("/data/upload/") else name) or address
