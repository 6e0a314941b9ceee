"""The fetcher with a real Label Studio: uploads, local files, and buckets of its storages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support.canary import PNG, Asking
from support.proxy import Reply, Request, proxied
from support.s3 import AWS, Store, store, studio_with_storages

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.media.fetch import Fetched, NotFetched
from ls_dvc.server.admin import Admin

IMAGES = '<View><Image name="image" value="$image"/></View>'
LARGE = PNG + bytes(20_000_000)  # the server sends at most 8 MiB of a range


class Stage(NamedTuple):
    studio: LocalServer
    admin: Admin
    s3: Store
    files: Path


@pytest.fixture(scope="module")
def stage(studio_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    files = folder / "files"
    (files / "ds").mkdir(parents=True)
    with store() as s3, studio_with_storages(folder / "data", s3, files) as studio:
        admin = Admin(studio.url, studio.api_key)
        yield Stage(studio, admin, s3, files)
        admin.close()


def project_with_bucket(stage: Stage, bucket: str, *, presign: bool) -> int:
    stage.s3.make_bucket(bucket)
    project = stage.admin.create_project(bucket, IMAGES)
    settings = {
        "project": project,
        "bucket": bucket,
        "presign": presign,
        "use_blob_urls": True,
        "aws_access_key_id": AWS["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": AWS["AWS_SECRET_ACCESS_KEY"],
        "region_name": AWS["AWS_DEFAULT_REGION"],
    }
    stage.admin.call("POST", "/api/storages/s3", settings)
    return project


def personal_token(studio: LocalServer, admin: Admin) -> str:
    settings = {"api_tokens_enabled": True, "legacy_api_tokens_enabled": True}
    admin.call("POST", "/api/jwt/settings", {**settings, "api_token_ttl_days": 1})
    return str(admin.call("POST", "/api/token/", {})["token"])


def md5_of(found: Fetched | NotFetched) -> str:
    assert isinstance(found, Fetched), found
    return found.file.md5


def reason_of(found: Fetched | NotFetched) -> str:
    assert isinstance(found, NotFetched)
    return found.reason


def test_uploads(stage: Stage, ask: Asking) -> None:
    """With both kinds of key; one whose upload was deleted does not stop the others."""
    project = stage.admin.create_project("uploads", IMAGES)
    contents = {"a b#?é.png": PNG, "big.png": LARGE, "page.html": b"<html>"}
    paths = list(stage.admin.upload(project, contents).values())
    emptied = stage.admin.create_project("emptied", IMAGES)
    paths += stage.admin.upload(emptied, {"gone.png": PNG + b"1"}).values()
    stage.admin.call("DELETE", f"/api/projects/{emptied}/file-uploads", {})
    for key in (stage.studio.api_key, personal_token(stage.studio, stage.admin)):
        first, big, page, missing = ask(*paths, url=stage.studio.url, key=key)
        assert md5_of(first) == hashlib.md5(PNG).hexdigest()
        assert md5_of(big) == hashlib.md5(LARGE).hexdigest()
        assert reason_of(missing) == "server-error"
        assert reason_of(page) == "not-media"


def test_local_files(stage: Stage, ask: Asking) -> None:
    (stage.files / "ds" / "a#b c.png").write_bytes(PNG)
    project = stage.admin.create_project("local files", IMAGES)
    settings = {"project": project, "path": str(stage.files / "ds"), "use_blob_urls": True}
    storage = stage.admin.call("POST", "/api/storages/localfiles", settings)
    stage.admin.call("POST", f"/api/storages/localfiles/{storage['id']}/sync")
    (task,) = stage.admin.call("GET", "/api/tasks", project=str(project))["tasks"]
    synced, by_hand = task["data"]["image"], "/data/local-files/?d=ds/a#b c.png"
    missing = "/data/local-files/?d=ds/nix.png"
    found = ask(synced, by_hand, missing, url=stage.studio.url, key=stage.studio.api_key)
    assert {md5_of(each) for each in found[:2]} == {hashlib.md5(PNG).hexdigest()}
    assert isinstance(found[0], Fetched)
    assert found[0].validator.startswith("W/")
    assert reason_of(found[2]) == "not-found"


@pytest.mark.parametrize("presign", [True, False])
def test_a_storage(stage: Stage, ask: Asking, presign: bool) -> None:
    """Redirected to the bucket with a signature, or sent by the server in parts."""
    bucket = f"bucket-{'presigned' if presign else 'proxied'}"
    project = project_with_bucket(stage, bucket, presign=presign)
    keys = ["in/a b+%20é#.png", "big.png", "nix.png"]
    stage.s3.put(bucket, keys[0], PNG)
    stage.s3.put(bucket, keys[1], LARGE)
    addresses = [f"s3://{bucket}/{key}" for key in keys]
    asked = {"url": stage.studio.url, "key": stage.studio.api_key, "project_id": project}
    first, big, missing, other = ask(*addresses, "s3://other-bucket/a.png", **asked)
    assert md5_of(first) == hashlib.md5(PNG).hexdigest()
    assert md5_of(big) == hashlib.md5(LARGE).hexdigest()
    assert isinstance(first, Fetched)
    assert first.validator == f'"{hashlib.md5(PNG).hexdigest()}"', "the same for every user"
    assert reason_of(missing) == ("forbidden" if presign else "http-424"), "as the bucket says"
    assert reason_of(other) == "no-storage"


def test_parts_of_a_proxied_file(stage: Stage, ask: Asking) -> None:
    """A file that comes in parts of 8 MiB is put together; here it begins with a cut."""
    project = project_with_bucket(stage, "bucket-parts", presign=False)
    stage.s3.put("bucket-parts", "big.png", LARGE)

    def cut_once(request: Request, forward: Callable[[Request], Reply]) -> Reply:
        reply = forward(request)
        if request.headers.get("Range") == "bytes=0-":
            reply.cut = 1_000_000
        return reply

    with proxied(stage.studio.url) as proxy:
        proxy.fault = cut_once
        (found,) = ask(
            "s3://bucket-parts/big.png", url=proxy.url, key=stage.studio.api_key, project_id=project
        )
        assert md5_of(found) == hashlib.md5(LARGE).hexdigest()
        assert len(proxy.seen) == 4
