"""A server that speaks S3, and a Label Studio that trusts it with its storages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3

from ls_dvc.demo import label_studio
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.progress import Silent

AWS = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Store:
    """The server at `url`; `put` makes files in its buckets."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def variables(self) -> dict[str, str]:
        """The environment in which programs find it."""
        return {**AWS, "AWS_ENDPOINT_URL": self.url}

    @cached_property
    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=AWS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=AWS["AWS_SECRET_ACCESS_KEY"],
            region_name=AWS["AWS_DEFAULT_REGION"],
        )

    def make_bucket(self, name: str) -> None:
        self.client.create_bucket(Bucket=name)

    def put(self, bucket: str, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=bucket, Key=key, Body=content)

    def delete(self, bucket: str, key: str) -> None:
        self.client.delete_object(Bucket=bucket, Key=key)


@contextmanager
def store() -> Iterator[Store]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield Store(f"http://{host}:{port}")
    finally:
        server.stop()


@contextmanager
def studio_with_storages(folder: Path, s3: Store, files: Path) -> Iterator[LocalServer]:
    """A Label Studio whose storages may be in `s3`, and which serves local files from `files`."""
    variables = {
        **AWS,
        "S3_ENDPOINT": s3.url,
        "LOCAL_FILES_SERVING_ENABLED": "true",
        "LOCAL_FILES_DOCUMENT_ROOT": str(files),
    }
    with label_studio.running(folder, report=Silent(), variables=variables) as running:
        yield running
