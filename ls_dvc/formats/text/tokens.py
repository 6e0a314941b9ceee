"""The tokens of a text, as CONLL2003 has them.

The words of Penn Treebank, cut where label-studio-sdk cuts them, so that models trained on its
files can use these. Scripts that put no blanks between words (Chinese, Japanese, Thai, Lao,
Khmer, Burmese) are cut by character, each with the marks that belong to it; Korean has blanks.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

Token = tuple[int, int]  # start and end (exclusive), in code points

_LONGEST = 64  # characters of a chunk worth remembering

# A rule puts blanks where it cuts; none looks beyond the blank behind a chunk (the characters
# between two blanks), and few chunks of a language are new: one is cut once.
_LAST_STOP = re.compile(r"(?<=[^.])\.[])}>\"']*$")  # a full stop at the very end, quoted or not
_COMMA = re.compile(r"([,:])(\D|$)")
_DOTS = re.compile(r"\.\.\.")
_SIGN = re.compile(r"``|[;@#$/%&?!]")
_CLOSING_QUOTE = re.compile(r"(?<!')' ")
_BRACKET_OR_QUOTE = re.compile(r"[][(){}<>\"]|--|''")
_POSSESSIVE = re.compile(r"(?<=[^' ])('[sSmMdD]?) ")  # dog's, I'm, she'd, dogs'
_VERB = re.compile(r"(?<=[^' ])('ll|'re|'ve|n't|'LL|'RE|'VE|N'T) ")
_JOINED = [  # cannot, gimme, 'twas
    re.compile(rf"(?i){before}({first})({second}){behind}")
    for before, first, second, behind in (
        (r"\b", "can", "not", r"\b"),
        (r"\b", "d", "'ye", r"\b"),
        (r"\b", "gim", "me", r"\b"),
        (r"\b", "gon", "na", r"\b"),
        (r"\b", "got", "ta", r"\b"),
        (r"\b", "lem", "me", r"\b"),
        (r"\b", "more", "'n", r"\b"),
        (r"\b", "wan", "na", r"(?=\s)"),
        ("(?<= )", "'t", "is", r"\b"),
        ("(?<= )", "'t", "was", r"\b"),
    )
]

_JOINED_WORDS = {"cannot", "gimme", "gonna", "gotta", "lemme", "wanna"}

# Ranges of code points, not Unicode's tables, which differ between versions of Python.
_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN += "\U00020000-\U000323af"
_KANA = "\u3041-\u3096\u309b-\u30ff\u31f0-\u31ff\uff66-\uff9f\U0001b000-\U0001b16f"
_BOPOMOFO = "\u3105-\u312f\u31a0-\u31bf"
_EAST_ASIAN_SIGNS = "\u3001-\u3020\u302a-\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_SOUTH_EAST_ASIAN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao; Burmese; Khmer
_MARKS = "\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef"
_MARKS += "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
_MARKS += "\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074"
_MARKS += "\u1082-\u108d\u108f\u109a-\u109d\u17b4-\u17d3\u17dd"
_WITHOUT_BLANKS = f"{_HAN}{_KANA}{_BOPOMOFO}{_EAST_ASIAN_SIGNS}{_SOUTH_EAST_ASIAN}"
_CHARACTER_OR_REST = re.compile(f"[{_WITHOUT_BLANKS}][{_MARKS}]*|[^{_WITHOUT_BLANKS}]+")
_IS_ONE_TOKEN = re.compile(f"[{_WITHOUT_BLANKS}]")


def tokenize(text: str) -> list[Token]:
    """Start and end (exclusive) of every token in code points, in order."""
    tokens, chunks, end = list[Token](), text.split(), 0
    for left, chunk in enumerate(chunks, start=1 - len(chunks)):
        start = text.index(chunk, end)
        end = start + len(chunk)
        if chunk.isalpha() and chunk.isascii() and chunk.lower() not in _JOINED_WORDS:
            tokens.append((start, end))
            continue
        before = " " if start == 0 or text[start - 1] == " " else "\n"
        cut_chunk = _cut_once if end - start <= _LONGEST else _cut
        for length in cut_chunk(chunk, before, text[end : end + 1], left == 0):
            tokens.append((start, start + length))
            start += length
    return tokens


def cut_at(tokens: list[Token], position: int) -> int:
    """Cut the token with this position inside in two; the index of the first token behind it."""
    index = bisect_left(tokens, (position,))
    if index and tokens[index - 1][1] > position:
        start, end = tokens[index - 1]
        tokens[index - 1 : index] = (start, position), (position, end)
    return index


def is_word_boundary(text: str, position: int) -> bool:
    """Whether no word goes on from the character before `position` to the one behind it."""
    if position in (0, len(text)):
        return True
    return not (_is_in_word(text[position - 1]) and _is_in_word(text[position]))


def _is_in_word(character: str) -> bool:
    if _IS_ONE_TOKEN.match(character):
        return False
    return character.isalnum() or character == "_"


def _cut(chunk: str, before: str, behind: str, last: bool) -> tuple[int, ...]:
    """The lengths of the tokens of a chunk between these two blanks; "" is the end of the text."""
    spread = _DOTS.sub(r" \g<0> ", chunk)
    padded = _LAST_STOP.sub(r" \g<0> ", spread) if last else spread
    if padded == spread:
        padded += behind if behind in ("", " ") else "\n"
    padded = _COMMA.sub(r" \1 \2", padded)
    padded = _SIGN.sub(r" \g<0> ", padded)
    padded = _CLOSING_QUOTE.sub(" ' ", padded)
    padded = before + _BRACKET_OR_QUOTE.sub(r" \g<0> ", padded) + " "
    padded = _POSSESSIVE.sub(r" \1 ", padded)
    padded = _VERB.sub(r" \1 ", padded)
    for joined in _JOINED:
        padded = joined.sub(r" \1 \2 ", padded)
    return tuple(len(token) for word in padded.split() for token in _by_character(word))


def _by_character(word: str) -> Iterator[str]:
    """The characters of scripts without blanks one by one, the rest of the word as it is."""
    return iter((word,)) if word.isascii() else iter(_CHARACTER_OR_REST.findall(word))


_cut_once = lru_cache(maxsize=1 << 16)(_cut)
