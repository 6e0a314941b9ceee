"""Where each value stands in the text of a YAML file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from ls_dvc.io import yaml_files

NodeKind = Literal["scalar", "alias", "sequence", "mapping"]


@dataclass
class YamlNode:
    """A value, from its first character to behind its last; of a mapping, keys and values.

    `column` is that of the first character. An alias is a node of its own, without children.
    """

    kind: NodeKind
    start: int
    end: int
    column: int
    flow: bool = False
    in_flow: bool = False
    value: str = ""
    children: list[YamlNode] = field(default_factory=list)

    @cached_property
    def entries(self) -> Mapping[str, tuple[YamlNode, YamlNode]]:
        """Key and value of a mapping by the text of the key; keys that are no text are left out."""
        pairs = zip(self.children[::2], self.children[1::2], strict=True)
        return {key.value: (key, value) for key, value in pairs if key.kind == "scalar"}

    def walk(self) -> Iterator[YamlNode]:
        """This value and all in it."""
        yield self
        for child in self.children:
            yield from child.walk()


def root(text: str, where: str) -> YamlNode | None:
    """The value of a file; None when there is none."""
    events = iter(yaml_files.events(text, where))
    for event in events:
        if type(event).__name__ == "DocumentStartEvent":
            return _node(next(events), events, text)
    return None


def _node(event: Any, events: Iterator[Any], text: str) -> YamlNode:
    name = type(event).__name__
    start, end = event.start_mark.index, event.end_mark.index
    column = event.start_mark.column
    if name == "AliasEvent":
        return YamlNode("alias", start, end, column)
    if name == "ScalarEvent":
        end = start + len(text[start:end].rstrip())  # a block of text ends before the next line
        return YamlNode("scalar", start, end, column, value=event.value)
    kind: NodeKind = "mapping" if name.startswith("Mapping") else "sequence"
    node = YamlNode(kind, start, end, column, flow=bool(event.flow_style))
    return _filled(node, events, text)


def _filled(node: YamlNode, events: Iterator[Any], text: str) -> YamlNode:
    for event in events:
        if type(event).__name__ in ("MappingEndEvent", "SequenceEndEvent"):
            # A block ends with its last value: comments behind it belong to what follows.
            node.end = event.end_mark.index if node.flow else node.children[-1].end
            break
        child = _node(event, events, text)
        child.in_flow = node.flow
        if child.start == child.end and node.kind == "mapping" and len(node.children) % 2:
            child.start = child.end = text.find(":", node.children[-1].end) + 1
        node.children.append(child)
    if node.kind == "mapping" and not node.flow:
        node.column = node.children[0].column  # the start of the node is that of its anchor
    return node
