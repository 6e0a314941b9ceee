"""The words of this project are those of the field: `make lint` finds words that strangers miss.

Each pattern has what to write instead. Names in code are read as words: `quick_way` and `QuickWay`
are "quick way". A word that is right in one place is allowed there by `ALLOWED`, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BANNED = {
    r"server or ours": "{by: server, fallback: ls-dvc}",
    r"(?:of|as|than|like|not|gives|converter|with|on|and|makes) ours": "of ls-dvc",
    r"ours (?:is|are|does|come|comes|may|stands?|says?)": "ls-dvc",
    r"(?:no|the) accounts?|account (?:of|for)|accounts for": "ledger",
    r"fates?": "outcome",
    r"heard|hears": "transcript; receives",
    r"told|untold": "reported, listed, known",
    r"in doubt|a doubt|doubts": "unproven",
    r"beside": "next to, with, besides",
    r"lies? ready|lay ready|lying ready|at hand": "available locally",
    r"(?:labels?|nothing|pin|none|what|they) (?:has |have |had )?moved|labels? moves?": "changed",
    r"(?:come|came|comes|coming) to rest|until they rest|have rested": "idle",
    r"the young": "recent snapshots",
    r"carr(?:y|ies|ied|ying)": "support, hold",
    r"landed|taken up|takes? up": "finished, resumed",
    r"only rooms?|rooms? (?:that|of its|which)|other rooms": "module",
    r"quick ways?": "fast path",
    r"may stand in|stands? in (?:for|where|when)|converter stands in|stood in": "fallback",
    r"settled": "consistent",
    r"mend|mends|mended|mending": "fix",
    r"wish(?:es)?": "options",
}

# (path, words): where they are right.
ALLOWED = {
    ("ls_dvc/update/notes.py", "landed"): "the name of a file that exists already",
    ("ls_dvc/commands/resolve.py", "ours is"): "git's word for a side of a merge",
}

READ = (
    "ls_dvc/**/*.py",
    "docs/**/*.md",
    "examples/**/*.py",
    "examples/**/*.md",
    "*.md",
    "Makefile",
    "params.yaml",
)
PATTERNS = {re.compile(rf"\b(?:{pattern})\b"): instead for pattern, instead in BANNED.items()}


def paths() -> list[Path]:
    return sorted(path for pattern in READ for path in ROOT.glob(pattern))


def as_words(line: str) -> str:
    """A line in lower case, with the names in it as single words."""
    line = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_-]", " ", line)
    return line.lower()


def banned_words_in(path: Path) -> Iterator[str]:
    name = path.relative_to(ROOT).as_posix()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for pattern, instead in PATTERNS.items():
            for match in pattern.finditer(as_words(line)):
                if (name, match[0]) not in ALLOWED:
                    yield f"{name}:{number}: {match[0]!r}: write {instead}"


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_words_of_the_field(path: Path) -> None:
    found = list(banned_words_in(path))
    assert not found, "\n".join(["words that strangers do not know", *found])
