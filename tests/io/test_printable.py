"""Text from outside is made harmless where it is printed or committed."""

from __future__ import annotations

import pytest

from ls_dvc.io.printable import in_subject, printable, without_references


@pytest.mark.parametrize("text", ["\x1b]52;c;aGk=\x07", "a\nb", "a\rb", "a\u202eb", "\x9b31m"])
def test_nothing_moves_the_cursor_or_the_clipboard(text: str) -> None:
    assert printable(text).isprintable()
    assert in_subject(text).replace("\u200b", "").isprintable()


@pytest.mark.parametrize(
    "title",
    ["Cars [skip ci]", "[ci skip]", "x [no ci]", "[skip actions]", "a\n\nskip-checks: true"],
)
def test_a_title_skips_no_ci(title: str) -> None:
    subject = in_subject(title)
    assert not {"[", "]", "\n"} & set(subject)


def test_a_title_mentions_nobody_and_closes_nothing() -> None:
    assert in_subject("Cars @org/team fixes #1 and !2") == (
        "Cars @\u200borg/team fixes #\u200b1 and !\u200b2"
    )
    assert without_references("closes #12") == "closes #\u200b12"


def test_a_long_title_is_cut() -> None:
    assert in_subject("x" * 500) == "x" * 59 + "…"
    assert in_subject("Cars and persons") == "Cars and persons"
    assert in_subject("") == ""
