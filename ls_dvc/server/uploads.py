"""Files uploaded to a project, as the import page of Label Studio does it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ls_dvc.errors import ServerError
from ls_dvc.server.answers import ImportAnswer, StoredUpload
from ls_dvc.server.client import Client

BATCH_FILES = 50  # Label Studio refuses more than 100 in one request
BATCH_BYTES = 50_000_000
SECONDS = 300.0


class Upload(NamedTuple):
    """A file to upload: its name, MIME type and content."""

    name: str
    type: str
    content: bytes


def upload(client: Client, project_id: int, files: Iterable[Upload]) -> Iterator[str]:
    """Upload files to a project without making tasks of them; the address of each, in order.

    `ServerError` when the server does not say where they are.
    """
    for batch in _batches(files):
        yield from _upload(client, project_id, batch)


def _upload(client: Client, project_id: int, batch: list[Upload]) -> Iterator[str]:
    path = f"api/projects/{project_id}/import"
    named = {str(number): (each.name, each.content, each.type) for number, each in enumerate(batch)}
    answer = client.upload(path, named, ImportAnswer, timeout=SECONDS, commit_to_project="false")
    ids = answer.file_upload_ids or []
    if len(ids) != len(batch):
        raise ServerError(f"{client.url}/{path} did not say what it made of {len(batch)} files")
    paths = _paths(client, project_id, ids)
    for number in ids:
        if number not in paths:
            raise ServerError(f"{client.url} does not say where the uploaded file {number} is")
        yield f"/data/{paths[number].lstrip('/')}"


def _paths(client: Client, project_id: int, ids: list[int]) -> dict[int, str]:
    path = f"api/projects/{project_id}/file-uploads"
    listed = client.get(path, list[StoredUpload], ids=str(ids))
    return {each.id: each.file for each in listed}


def _batches(files: Iterable[Upload]) -> Iterator[list[Upload]]:
    batch: list[Upload] = []
    size = 0
    for file in files:
        if batch and (len(batch) == BATCH_FILES or size + len(file.content) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += len(file.content)
    if batch:
        yield batch
