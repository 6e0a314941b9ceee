"""Signatures in addresses: whether one is there, and addresses without them for messages."""

from __future__ import annotations

import re

_SIGNATURES = re.compile(
    r"[?&](?:X-Amz-Signature|X-Goog-Signature|Signature|sig)=", flags=re.IGNORECASE
)


def is_signed(address: str) -> bool:
    """Whether an address holds a signature, which ends to be valid some day."""
    return _SIGNATURES.search(address) is not None


def shown(address: str) -> str:
    """An address for messages: without signatures and passwords, not longer than a line."""
    if address[:5].lower() == "data:":
        return f"{address[:5]}{address[5:].partition(',')[0][:40]},…"
    head, separator, _ = address.partition("?")
    if separator and not address.startswith("/"):
        address = f"{head}?…"
    address = re.sub(r"(?<=://)[^/@]*@", "…@", address)
    return address if len(address) <= 200 else f"{address[:199]}…"
