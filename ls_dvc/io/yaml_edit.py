"""Changes of single values in the text of a YAML file; every other byte of it stays.

Ruamel's way of keeping comments writes the whole file anew: others' indents, quotes and line ends
would change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files, yaml_nodes
from ls_dvc.io.yaml_nodes import YamlNode

Values = Mapping[Any, Any]


def edited(text: str, where: str, wanted: Mapping[str, Any]) -> str:
    """`text`, which holds settings by name, changed as little as makes it hold `wanted`.

    `LsDvcError` when that is impossible, for example because an anchor is shared.
    """
    old, node = yaml_files.parse(text, where), yaml_nodes.root(text, where)
    if node is None:
        return with_block(text, where, yaml_files.dump_block(wanted))
    edit = _Edit(text, where, _line_end(text), *_steps(node))
    edit.change(node, old, wanted)
    result = edit.result()
    if not _holds(result, where, wanted):
        edit.refuse()
    return result


def with_item(text: str, where: str, name: str, item: Any) -> str:
    """`text` with one more item in the list `name`; a single value becomes the first of two."""
    top = yaml_nodes.root(text, where)
    if top is None or name not in top.entries:
        return with_block(text, where, yaml_files.dump_block({name: [item]}, 2, 2))
    node = top.entries[name][1]
    edit = _Edit(text, where, _line_end(text), *_steps(top))
    if node.kind == "sequence":
        edit.append(node, item)
    else:
        one = yaml_files.parse(text[node.start : node.end], where)
        edit.change(node, one, [one, item])
    return edit.result()


def with_block(text: str, where: str, block: str) -> str:
    """`text` with settings by name behind all others, which are there with their comments."""
    added = block.replace("\n", _line_end(text))
    ended = text if not text or text.endswith("\n") else text + _line_end(text)
    result = f"{ended}{_line_end(text)}{added}" if text.strip() else ended + added
    wanted = {**(yaml_files.parse(text, where) or {}), **yaml_files.parse(block, where)}
    return result if _holds(result, where, wanted) else edited(text, where, wanted)


def _holds(text: str, where: str, wanted: Values) -> bool:
    try:
        return _same(yaml_files.parse(text, where), wanted)
    except LsDvcError:
        return False


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


@dataclass
class _Gap:
    """New entries of a mapping or a sequence, and the value that they stand behind."""

    node: YamlNode
    before: YamlNode | None = None
    added: list[str] = field(default_factory=list)


@dataclass
class _Edit:
    """The changes of one text: places in it, each with what comes instead.

    Nested mappings are indented by `step`, lists in mappings by `offset`.
    """

    text: str
    where: str
    line_end: str
    step: int
    offset: int
    changes: list[tuple[int, int, str]] = field(default_factory=list)

    def result(self) -> str:
        text = self.text
        in_order = sorted(self.changes, key=lambda each: each[:2])
        for start, end, instead in reversed(in_order):
            text = text[:start] + instead + text[end:]
        return text

    def refuse(self) -> NoReturn:
        raise LsDvcError(
            f"{self.where} is written in a way that ls-dvc cannot change without changing more",
            "write out its anchors and merges (&, *, <<), and run the command again",
        )

    def change(self, node: YamlNode, old: Any, new: Any) -> None:
        if _same(old, new):
            return
        if node.kind == "mapping" and isinstance(new, Mapping):
            self._change_mapping(node, old, new)
        elif node.kind == "sequence" and isinstance(new, list):
            self._change_sequence(node, old, new)
        else:
            self._replace(node, new)

    def append(self, node: YamlNode, item: Any) -> None:
        """One more item of a sequence."""
        before = node.children[-1] if node.children else None
        self._fill(_Gap(node, before, [self._item(node, item)]))

    def _change_mapping(self, node: YamlNode, old: Values, new: Values) -> None:
        if not old.keys() & new.keys():
            self._replace(node, new)
            return
        for name in old:
            if name not in new:
                self._remove(node, *node.entries.get(name) or self.refuse())
        gap = _Gap(node)
        for name, value in new.items():
            if name in node.entries:
                key, place = node.entries[name]
                self._fill(gap, key, place)
                self.change(place, old[name], value)
            elif name not in old or not _same(old[name], value):
                gap.added.append(self._entry(node, name, value))
        self._fill(gap)

    def _change_sequence(self, node: YamlNode, old: list[Any], new: list[Any]) -> None:
        places = {_name(each): child for each, child in zip(old, node.children, strict=True)}
        values = {_name(each): each for each in old}
        if not places.keys() & set(map(_name, new)):
            self._replace(node, new)
            return
        for name in places.keys() - set(map(_name, new)):
            self._remove(node, places[name], places[name])
        gap = _Gap(node)
        for value in new:
            if place := places.get(_name(value)):
                self._fill(gap, place, place)
                self.change(place, values[_name(value)], value)
            else:
                gap.added.append(self._item(node, value))
        self._fill(gap)

    def _entry(self, node: YamlNode, name: Any, value: Any) -> str:
        if node.flow:
            return f"{yaml_files.dump_flow(name)}: {yaml_files.dump_flow(value)}"
        return self._block({name: value}, node.column)

    def _item(self, node: YamlNode, value: Any) -> str:
        if node.flow:
            return yaml_files.dump_flow(value)
        return f"- {self._block(value, node.column + 2)}"

    def _replace(self, node: YamlNode, new: Any) -> None:
        """A value by one of another type, or by other text."""
        line = self.text[self.text.rfind("\n", 0, node.start) + 1 : node.start]
        in_flow = node.in_flow or (node.flow and len(node.children) > 0)
        if in_flow or not isinstance(new, Mapping | list) or not new:
            text = yaml_files.dump_flow(new)
            text = f" {text}" if node.start == node.end else text
            self.changes.append((node.start, node.end, text))
        elif line.strip("- "):  # a key stands in front
            column = len(line) - len(line.lstrip("- "))
            column += self.step if isinstance(new, Mapping) else self.offset
            start, end = len(self.text[: node.start].rstrip(" ")), self._end_of_line(node.end)
            self.changes.append((start, node.end, ""))
            self.changes.append((end, end, self._line(column) + self._block(new, column)))
        else:
            self.changes.append((node.start, node.end, self._block(new, node.column)))

    def _fill(
        self, gap: _Gap, following: YamlNode | None = None, last: YamlNode | None = None
    ) -> None:
        """Write what belongs into a gap; the next one is behind the entry that ends with `last`."""
        line = self._line(gap.node.column)
        if gap.added and gap.before is not None:
            place = gap.before.end if gap.node.flow else self._end_of_line(gap.before.end)
            start = ", " if gap.node.flow else line
            self.changes.append((place, place, "".join(f"{start}{each}" for each in gap.added)))
        elif gap.added and following is not None:
            end = ", " if gap.node.flow else line
            if gap.node.kind == "sequence" and not gap.node.flow:
                place = self.text.rfind("-", 0, following.start)
            else:
                place = following.start
            self.changes.append((place, place, "".join(f"{each}{end}" for each in gap.added)))
        gap.before, gap.added = last, []

    def _remove(self, node: YamlNode, first: YamlNode, last: YamlNode) -> None:
        """An entry of a mapping (key and value) or of a sequence (twice the same)."""
        if node.flow:
            self.changes.append((*_span_in_flow(node, first, last), ""))
            return
        start = self.text.rfind("\n", 0, first.start) + 1
        if self.text[start : first.start].strip() not in ("", "-"):
            self.refuse()
        self.changes.append((start, self._end_of_line(last.end) + len(self.line_end), ""))

    def _end_of_line(self, place: int) -> int:
        found = self.text.find(self.line_end, place)
        return len(self.text) if found < 0 else found

    def _line(self, column: int) -> str:
        return self.line_end + column * " "

    def _block(self, value: Any, column: int) -> str:
        if not isinstance(value, Mapping | list):
            return yaml_files.dump_flow(value)
        lines = yaml_files.dump_block(value, self.step, self.offset).splitlines()
        return self._line(column).join(lines)


def _span_in_flow(node: YamlNode, first: YamlNode, last: YamlNode) -> tuple[int, int]:
    following = [each.start for each in node.children if each.start > last.start]
    preceding = [each.end for each in node.children if each.start < first.start]
    if following:
        return first.start, following[0]
    return (preceding[-1] if preceding else first.start), last.end


def _steps(node: YamlNode) -> tuple[int, int]:
    """How far nested mappings, and lists in mappings, are indented in a file."""
    found = {"mapping": 2, "sequence": 0}
    for outer in reversed(list(node.walk())):
        for _, value in outer.entries.values() if outer.kind == "mapping" else ():
            if value.kind in found and not value.flow and not outer.flow:
                found[value.kind] = max(0, value.column - outer.column)
    return found["mapping"] or 2, found["sequence"]


def _name(item: Any) -> str:
    """What identifies an item of a list: itself, or the key that its settings stand under."""
    return str(next(iter(item))) if isinstance(item, Mapping) and len(item) == 1 else str(item)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and (one == other or one != one)  # NaN
