"""How alike two texts are, by the characters that turn one into the other."""

from __future__ import annotations

LONGEST = 10_000  # characters; of longer texts only these are compared


def distance(one: str, other: str) -> int:
    """The Levenshtein distance: how many characters to insert, remove or replace.

    The bits of one number are a column of the table, so that a step costs one character of one
    text and all of the other (Myers 1999, https://doi.org/10.1145/316542.316550).
    """
    if not one:
        return len(other)
    places = dict[str, int]()
    for index, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << index
    everything, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    more, less, found = everything, 0, len(one)
    for character in other:
        equal = places.get(character, 0)
        across = (((equal & more) + more) ^ more) | equal
        up = less | (everything & ~(across | more))
        down = more & across
        found += bool(up & last) - bool(down & last)
        up, down = (up << 1 | 1) & everything, (down << 1) & everything
        vertical = equal | less
        more, less = down | (everything & ~(vertical | up)), up & vertical
    return found


def alike(one: str, other: str) -> tuple[int, int]:
    """How many characters are the same, of how many: the longer of the two texts'."""
    one, other = one[:LONGEST], other[:LONGEST]
    longer = max(len(one), len(other))
    return longer - distance(one, other), longer
