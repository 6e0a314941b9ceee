"""Which certificates are trusted, in every connection: those that the environment names, if any."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import httpx

from ls_dvc.errors import LsDvcError

# The first two are OpenSSL's and httpx's own; the third is that of `requests`, which DVC reads.
_NAMES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")


def context() -> ssl.SSLContext:
    """What a server's certificate is checked by; `LsDvcError` when it cannot be read."""
    named = [name for name in _NAMES if os.environ.get(name)]
    try:
        if named == ["REQUESTS_CA_BUNDLE"]:
            path = os.environ["REQUESTS_CA_BUNDLE"]
            if Path(path).is_dir():
                return ssl.create_default_context(capath=path)
            return ssl.create_default_context(cafile=path)
        return httpx.create_ssl_context()
    except OSError as error:
        raise LsDvcError(
            f"the certificates that {', '.join(named)} names cannot be read: {error.strerror}",
            "it is the path of a file with the certificate of your CA, in PEM form",
        ) from None
