"""The texts of a task with its spans, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.regions import value_of
from ls_dvc.labels.shown_objects import shown_objects
from ls_dvc.pages import words
from ls_dvc.pages.region_pairs import RegionPair, Side
from ls_dvc.pages.scenes import TextScene
from ls_dvc.pages.shown_texts import TAGS, ShownText, shown_text
from ls_dvc.pages.text_runs import MarkedSpan, runs


def text_scenes(
    old: Task | None,
    new: Task | None,
    config: LabelConfig,
    pairs: Sequence[RegionPair],
    *,
    all_texts: bool,
) -> Iterator[TextScene]:
    """The texts in which a span differs, or whose characters do; `all_texts`: the others, too."""
    before, after = ({each.name: each for each in _texts(task, config)} for task in (old, new))
    for name in dict.fromkeys([*before, *after]):
        spans = [pair for pair in pairs if _is_span_on(pair, name)]
        sides = before.get(name), after.get(name)
        texts = [side.text if side else "" for side in sides]
        if all_texts or texts[0] != texts[1] or any(pair.change for pair in spans):
            old_spans = _marked(sides[0], spans, "before")
            new_spans = _marked(sides[1], spans, "after")
            both = [*old_spans, *new_spans] if texts[0] == texts[1] else None
            yield TextScene(
                name,
                runs(texts[0], old_spans, both or old_spans),
                runs(texts[1], new_spans, both or new_spans),
            )


def _texts(task: Task | None, config: LabelConfig) -> Iterator[ShownText]:
    for shown in shown_objects(config, (task or {}).get("data"), *TAGS):
        if text := shown_text(shown):
            yield text


def _is_span_on(pair: RegionPair, name: str) -> bool:
    value = value_of(pair.known)
    on_text = isinstance(pair.known, dict) and pair.known.get("to_name") == name
    return on_text and "start" in value and not pair.is_answer


def _marked(text: ShownText | None, pairs: Sequence[RegionPair], side: Side) -> list[MarkedSpan]:
    regions = [(pair.before if side == "before" else pair.after, pair) for pair in pairs]
    present = [(region, pair) for region, pair in regions if region is not None]
    if text is None or not present:
        return []
    ends = text.ends_of([region for region, _ in present])
    return [
        MarkedSpan(*found, words.label_of(region), side if pair.change else "both")
        for found, (region, pair) in zip(ends, present, strict=True)
        if found
    ]
