"""Whether a file is what `ls-dvc check -o` wrote: it replaces no other."""

from __future__ import annotations

import re

_OWN = re.compile(
    rb"^[\d,]+ new, [\d,]+ known"  # text: its last line
    rb"|^\*\*Faults \+"  # Markdown
    rb'|^  "fixed_faults": '  # JSON
    rb'|^ *"check_name": "LD\d'  # Code Quality
    rb'|^ *"name": "ls-dvc check"'  # SARIF
    rb"|^::(?:error|warning|notice) "  # annotations
    rb"|\A\s*(?:\[\s*\]\s*)?\Z",  # no fault at all
    re.MULTILINE,
)


def is_own(content: bytes) -> bool:
    """Whether this is a check in one of its formats, or nothing."""
    return _OWN.search(content) is not None
