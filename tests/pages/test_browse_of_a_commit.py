"""`ls-dvc browse REV`: the labels and the media of a commit, whatever the workspace has."""

from __future__ import annotations

import json
from urllib.request import urlopen

from support.browsed import browsed
from support.workspace import Workspace


def test_a_commit_is_shown_with_its_media(two_versions: Workspace) -> None:
    with browsed(two_versions, "HEAD") as address:
        task = json.load(urlopen(f"{address}task?id=6"))  # which the workspace has no more
        assert task["name"] == "street-06.png"
        assert task["images"][0]["problem"] == ""
        picture = urlopen(f"{address}large/6/0")
        assert picture.headers["content-type"] == "image/jpeg"
        assert picture.read(3) == b"\xff\xd8\xff"
        assert b"<title>Labels HEAD</title>" in urlopen(address).read()
