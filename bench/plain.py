"""What a careful user writes with the SDK alone; nothing here is ours.

    plain.py export URL PROJECT FILE
    plain.py fetch URL FILE FOLDER
    plain.py convert FORMAT FILE LABEL_CONFIG FOLDER
    plain.py write FILE FOLDER

The key is LABEL_STUDIO_API_KEY. Whether the download is whole is for the user to notice.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from pathlib import Path

POLL_SECONDS = 1
TIMEOUT_SECONDS = 3600  # the SDK's own is a minute, in which this server exports some 30,000 tasks


def export(url: str, project: str, target: str) -> None:
    """Create a snapshot, ask every second whether it is completed, download it."""
    from label_studio_sdk import LabelStudio

    key = os.environ["LABEL_STUDIO_API_KEY"]
    exports = LabelStudio(base_url=url, api_key=key, timeout=TIMEOUT_SECONDS).projects.exports
    made = exports.create(int(project), title="plain flow")
    while (status := exports.get(int(project), made.id).status) != "completed":
        if status == "failed":
            sys.exit("the snapshot failed")
        time.sleep(POLL_SECONDS)
    with Path(target).open("wb") as out:
        for chunk in exports.download(int(project), made.id, export_type="JSON"):
            out.write(chunk)


def fetch(url: str, source: str, target: str) -> None:
    """Download the image of every task with the SDK's helper."""
    from label_studio_sdk._extensions.label_studio_tools.core.utils.io import get_local_path

    os.mkdir(target)  # noqa: PTH102
    for task in json.loads(Path(source).read_bytes()):
        get_local_path(
            task["data"]["image"],
            cache_dir=target,
            hostname=url,
            access_token=os.environ["LABEL_STUDIO_API_KEY"],
            task_id=task["id"],
        )


def convert(fmt: str, source: str, config: str, target: str) -> None:
    """The SDK's own converter, on labels only."""
    from label_studio_sdk.converter import Converter

    converter = Converter(config, project_dir=None, download_resources=False)
    converter.convert(source, target, fmt, is_dir=False)


def write(source: str, target: str) -> None:
    """Files with nothing to convert: the content by name is in `source`."""
    os.mkdir(target)  # noqa: PTH102  (the loop is to be as cheap as it can be)
    for name, content in json.loads(Path(source).read_bytes()).items():
        with open(f"{target}/{name}", "w", encoding="utf-8") as out:  # noqa: PTH123
            out.write(content)


if __name__ == "__main__":
    # at INFO, COCO's work is several times slower; at WARNING VOC says a line for each task
    logging.basicConfig(level=logging.ERROR)
    commands = {"export": export, "fetch": fetch, "convert": convert, "write": write}
    commands[sys.argv[1]](*sys.argv[2:])
