"""Each form of address that stands in tasks: what a task names by it, and where that leads to.

The forms are those that Label Studio's snapshots were seen to hold, for each way in which a file
comes into a project.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from ls_dvc.labels import label_config
from ls_dvc.media.addresses import (
    AddressRules,
    BucketFile,
    Destination,
    Elsewhere,
    InlineFile,
    LocalFile,
    RootedFile,
    StoredFile,
    UploadedFile,
    WebFile,
    destination,
)
from ls_dvc.media.references import references
from ls_dvc.settings.media import MediaSettings

SERVER = "https://label.example.com/ls"
IMAGE = '<Image name="it" value="$key"/>'
LISTED = '<Image name="it" valueList="$key"/>'
PAGE = '<HyperText name="it" value="$key"/>'
TEXT = '<Text name="it" value="$key" valueType="url"/>'
HOSTS, ROOTS = "label_studio.media.hosts", "label_studio.media.roots"
SIGNED = "https://b.s3.amazonaws.com/k.jpg?X-Amz-Expires=60&X-Amz-Signature=abc"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
UPLOAD = "/data/upload/3/3f2a9c1b-Stra%C3%9Fe_1.jpg"
BLANKS = "addresses with blanks around them or control characters"


@dataclass(frozen=True)
class Form:
    """A value in a task's data, what objects show of it, and where that leads to.

    `alone` without settings, `named` with those that name its place; the same unless given.
    """

    value: Any
    alone: tuple[Destination, ...]
    named: tuple[Destination, ...] = ()
    shown: str = IMAGE


def served(value: Any, destination: Destination) -> Form:
    """What the server itself has, whatever the settings."""
    return Form(value, (destination,))


def unknown(value: str, where: str, setting: str = ROOTS) -> Form:
    """What nobody has."""
    return Form(value, (Elsewhere(where, setting),))


FORMS = {
    "upload": served(UPLOAD, UploadedFile(f"/ls{UPLOAD}")),
    "upload, subpath": served(f"/ls{UPLOAD}", UploadedFile(f"/ls{UPLOAD}")),
    "upload, whole": served(f"https://label.example.com/ls{UPLOAD}", UploadedFile(f"/ls{UPLOAD}")),
    "local file": served(
        "/data/local-files/?d=ds/h%23i.jpg", LocalFile("/ls/data/local-files/?d=ds/h%23i.jpg")
    ),
    "local file, by hand": served(
        "/data/local-files/?d=ds/h#i é.jpg",
        LocalFile("/ls/data/local-files/?d=ds/h%23i%20%C3%A9.jpg"),
    ),
    "bucket": Form("s3://b/key", (StoredFile("s3://b/key"),), (BucketFile("s3", "b/key"),)),
    "bucket, key as it is": Form(
        "s3://b/a b#é%20+.jpg",
        (StoredFile("s3://b/a b#é%20+.jpg"),),
        (BucketFile("s3", "b/a b#é%20+.jpg"),),
    ),
    "bucket, other": served("s3://other/key", StoredFile("s3://other/key")),
    "bucket, Google": Form("gs://b/k", (StoredFile("gs://b/k"),), (BucketFile("gs", "b/k"),)),
    "bucket, Azure": served("azure-blob://c/k", StoredFile("azure-blob://c/k")),
    "web": Form(
        "https://images.example.com/a.jpg",
        (Elsewhere("images.example.com", HOSTS),),
        (WebFile("https://images.example.com/a.jpg"),),
    ),
    "web, presigned": Form(SIGNED, (Elsewhere("b.s3.amazonaws.com", HOSTS),), (WebFile(SIGNED),)),
    "web, capitals": Form(
        "HTTP://Images.Example.com/a.jpg",
        (Elsewhere("images.example.com", HOSTS),),
        (WebFile("HTTP://Images.Example.com/a.jpg"),),
    ),
    "web, no scheme": unknown("//images.example.com/a.jpg", "addresses without a scheme"),
    "web, blanks": unknown(" https://images.example.com/a.jpg ", BLANKS, ""),
    "inline": served(PIXEL, InlineFile(PIXEL)),
    "relative": Form(
        "rel/x.jpg", (Elsewhere("relative paths", ROOTS),), (RootedFile("data/raw", "x.jpg"),)
    ),
    "absolute": unknown("/abs/x.jpg", "absolute paths"),
    "file": unknown("file:///etc/passwd", "file: addresses"),
    "empty": Form("", ()),
    "as the tasks API has it": unknown("/tasks/7/resolve/?fileuri=czM6Ly9i", "absolute paths"),
    "list": Form(
        ["s3://b/1.jpg", "", UPLOAD],
        (StoredFile("s3://b/1.jpg"), UploadedFile(f"/ls{UPLOAD}")),
        (BucketFile("s3", "b/1.jpg"), UploadedFile(f"/ls{UPLOAD}")),
        LISTED,
    ),
    "layers": Form([UPLOAD, PIXEL], (UploadedFile(f"/ls{UPLOAD}"), InlineFile(PIXEL))),
    "HTML": Form(
        '<a href="s3://b/a b.pdf">a</a><a href="https://images.example.com/">b</a>'
        f'<img src="{SIGNED}">',
        (StoredFile("s3://b/a b.pdf"), Elsewhere("b.s3.amazonaws.com", HOSTS)),
        (BucketFile("s3", "b/a b.pdf"), WebFile(SIGNED)),
        PAGE,
    ),
    "text by address": Form(UPLOAD, (UploadedFile(f"/ls{UPLOAD}"),), shown=TEXT),
    "text itself": Form(f"see {UPLOAD}", (), shown='<Text name="it" value="$key"/>'),
}
NOTHING = MediaSettings(tasks="all")
EVERYTHING = MediaSettings(
    tasks="all",
    hosts=["images.example.com", "b.s3.amazonaws.com"],
    buckets=["s3://b/", "gs://b"],
    roots={"rel/": "data/raw"},
)


def led_to(form: Form, settings: MediaSettings) -> tuple[Destination, ...]:
    config = label_config.parse(f"<View>{form.shown}</View>", "the label config")
    task = {"id": 7, "data": {"key": form.value}, "annotations": []}
    rules = AddressRules.of(SERVER, settings)
    return tuple(destination(each.address, rules) for each in references(task, config, settings))


@pytest.mark.parametrize("name", FORMS)
def test_without_settings_only_the_server_has_files(name: str) -> None:
    assert led_to(FORMS[name], NOTHING) == FORMS[name].alone


@pytest.mark.parametrize("name", FORMS)
def test_settings_name_other_places(name: str) -> None:
    assert led_to(FORMS[name], EVERYTHING) == (FORMS[name].named or FORMS[name].alone)


def test_every_kind_of_destination_is_met() -> None:
    met = {type(each) for form in FORMS.values() for each in (*form.alone, *form.named)}
    assert met == set(Destination.__args__)
