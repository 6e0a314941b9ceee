"""The texts of a task with its spans, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.text.offsets import locate, offset_maps_of
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.regions import value_of
from ls_dvc.labels.shown_objects import shown_objects
from ls_dvc.pages import words
from ls_dvc.pages.region_pairs import RegionPair, Side
from ls_dvc.pages.scenes import TextScene
from ls_dvc.pages.text_runs import MarkedSpan, runs


def text_scenes(
    old: Task | None, new: Task | None, config: LabelConfig, pairs: Sequence[RegionPair]
) -> Iterator[TextScene]:
    """The texts in which a span differs, or whose characters do."""
    before, after = (dict(_texts(task, config)) for task in (old, new))
    for name in dict.fromkeys([*before, *after]):
        spans = [pair for pair in pairs if _is_span_on(pair, name)]
        old_text, new_text = before.get(name, ""), after.get(name, "")
        if any(pair.change for pair in spans) or old_text != new_text:
            yield TextScene(
                name,
                runs(old_text, _marked(old_text, spans, "before")),
                runs(new_text, _marked(new_text, spans, "after")),
            )


def _texts(task: Task | None, config: LabelConfig) -> Iterator[tuple[str, str]]:
    for shown in shown_objects(config, (task or {}).get("data"), "Text"):
        for _, text in shown.items:
            if isinstance(text, str) and text:
                yield shown.name, text


def _is_span_on(pair: RegionPair, name: str) -> bool:
    value = value_of(pair.known)
    on_text = isinstance(pair.known, dict) and pair.known.get("to_name") == name
    return on_text and "start" in value and not pair.is_answer


def _marked(text: str, pairs: Sequence[RegionPair], side: Side) -> list[MarkedSpan]:
    regions = [(pair.before if side == "before" else pair.after, pair) for pair in pairs]
    present = [(region, pair) for region, pair in regions if region is not None]
    if not text or not present:
        return []
    offsets = offset_maps_of(text, [region for region, _ in present])
    found = []
    for region, pair in present:
        ends = locate(text, value_of(region), offsets)
        if not isinstance(ends, Reason):
            label = words.label_of(region)
            found.append(MarkedSpan(*ends, label, side if pair.change else "both"))
    return found
