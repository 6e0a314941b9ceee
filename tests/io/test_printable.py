"""Text from outside is made harmless where it is printed or committed."""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ls_dvc.io.printable import in_commit, in_markdown, in_subject, printable, printable_lines
from ls_dvc.io.secrets import remember_key, remember_token, without_secrets


@pytest.mark.parametrize("text", ["\x1b]52;c;aGk=\x07", "a\nb", "a\rb", "a\u202eb", "\x9b31m"])
def test_nothing_moves_the_cursor_or_the_clipboard(text: str) -> None:
    assert printable(text).isprintable()
    assert in_subject(text).replace("\u200b", "").isprintable()


@given(st.text())
def test_any_text_is_inert(text: str) -> None:
    assert printable(text).isprintable()
    assert printable_lines(text).replace("\n", "").isprintable()
    committed = in_commit(text)
    assert committed.replace("\u200b", "").isprintable()
    assert not re.search("[@#!*](?!\u200b)|[][<>]", committed)
    marks = re.sub(r"&#\d+;", "", in_markdown(text))
    assert not set("!\"#$%&'()*+./:<=>?@[\\]^_`{|}~") & set(marks)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("::add-mask::Car", "\\x3a:add-mask::Car"),
        ("  ::error file=a::b", "  \\x3a:error file=a::b"),
        ("Car ##[set-output name=changed]true", "Car #\\x23[set-output name=changed]true"),
        ("##vso[task.setvariable]x", "#\\x23vso[task.setvariable]x"),
        ("a::b ## [c] #[d]", "a::b ## [c] #[d]"),
    ],
)
def test_a_line_is_no_command_to_a_log(line: str, shown: str) -> None:
    assert printable(line) == shown
    assert printable_lines(f"x\n{line}") == f"x\n{shown}"


@pytest.mark.parametrize(
    "title",
    ["Cars [skip ci]", "[ci skip]", "x [no ci]", "[skip actions]", "a\n\nskip-checks: true"],
)
def test_a_title_skips_no_ci(title: str) -> None:
    subject = in_subject(title)
    assert not {"[", "]", "\n"} & set(subject)


def test_a_title_mentions_nobody_and_closes_nothing() -> None:
    assert in_subject("Cars @org/team fixes #1 and !2") == (
        "Cars @\u200borg/team fix\u200bes #\u200b1 and !\u200b2"
    )
    closing = ("closes https://h/o/r/issues/1", "Fixed GH-1", "resolves: a/b-1", "closing X-1")
    assert not any(re.search(r"(?i)\b(clos|fix|resolv)\w+", in_commit(each)) for each in closing)
    assert in_commit("fixture of closet, ***NO_CI***").replace("*\u200b", "*") == (
        "fixture of closet, ***NO_CI***"
    )


def test_a_long_title_is_cut() -> None:
    assert in_subject("x" * 500) == "x" * 59 + "…"
    assert in_subject("Cars and persons") == "Cars and persons"
    assert in_subject("") == ""


def test_markdown_shows_the_text_and_no_more() -> None:
    text = "![x](http://e/x.png) <b>|`a`@me #1 *_~\\&lt; https://e"
    shown = in_markdown(text)
    assert html.unescape(shown).replace("\u200b", "") == text
    assert not set("![]()<>|`@*_~\\:/.") & set(shown)


KEYS = (
    "0123456789abcdef0123456789abcdef01234567",
    "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCJ9.c2lnbmF0dXJlIG9mIGl0",
    'a"key\\with~odd/characters+in=it',
)


@pytest.mark.parametrize("remember", [remember_key, remember_token])
@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_cut_out_in_every_form(key: str, remember: object) -> None:
    assert callable(remember)
    remember(key)
    forms = [key, key.upper(), json.dumps(key), repr(key), quote(key, safe=""), key.encode().hex()]
    for start in ("", "u", "us", "user:", "user1:", "user12:"):
        for end in ("", "x", "xy"):
            basic = f"{start}{key}{end}".encode()
            forms += [base64.b64encode(basic).decode(), base64.urlsafe_b64encode(basic).decode()]
    for form in forms:
        for shown in (printable(f"<{form}>"), in_commit(form, 500), in_markdown(form, 500)):
            assert "secret" in shown, form
            assert not any(key[at : at + 12] in shown for at in range(0, len(key) - 12, 4)), form
    hidden = without_secrets(base64.b64encode(f"user:{key}".encode()).decode())
    known = re.sub(r"\[secret\]", "", hidden)
    assert len(known) <= 12, "what is left of base64 is the neighbours'"


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_cut_out_before_a_text_is_cut(key: str) -> None:
    remember_key(key)
    for longest in range(10, 90):
        for shown in (in_commit(f"Cars {key}", longest), in_markdown(f"Cars {key}", longest)):
            assert key[:8] not in shown


def test_tabs_of_other_programs_become_spaces() -> None:
    assert printable_lines("run:\n\tgit add\n") == "run:\n        git add\n"
    assert printable("\tgit add") == "\\tgit add", "but in a name they show"
