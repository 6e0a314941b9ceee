"""What is printed: the size of the machine, and Markdown tables of costs and of other numbers."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata

from measure import Cost, Figure, Measured

NOTHING = "–"
Costs = Mapping[str, Sequence[Cost]]


def machine() -> str:
    """How large this machine is and what runs on it; nothing that names it."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    names = {"Label Studio": "label-studio", "label-studio-sdk": "label-studio-sdk", "DVC": "dvc"}
    versions = [f"{name} {metadata.version(package)}" for name, package in names.items()]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return ", ".join([f"{cores} cores, {memory:.0f} GiB, {platform.system()}", python, *versions])


def tables(found: Iterable[Measured | Figure], base: str) -> str:
    """A table of the costs, with ratios to those of the side `base`, and one of the figures."""
    costs: dict[str, dict[str, list[Cost]]] = {}
    figures: dict[str, list[float]] = {}
    for each in found:
        if isinstance(each, Figure):
            figures.setdefault(each.name, []).append(each.value)
        else:
            costs.setdefault(each.step, {}).setdefault(each.side, []).append(each.cost)
    return "\n".join([*_costs(costs, base), "", *_figures(figures)])


def _costs(costs: Mapping[str, Costs], base: str) -> Iterable[str]:
    sides = list(dict.fromkeys([base, *(side for row in costs.values() for side in row)]))
    others = sides[1:]
    head = ["step", *(f"{side}, {unit}" for side in sides for unit in ("s (CPU s)", "MB"))]
    head += [f"{base} / {side}: {what}" for side in others for what in ("time (CPU)", "memory")]
    yield _line(head)
    yield _line(["---"] + ["---:"] * (len(head) - 1))
    for step, row in costs.items():
        medians = {side: _median(each) for side, each in row.items()}
        shown = [cell for side in sides for cell in _shown(medians.get(side))]
        ratios = [c for side in others for c in _ratios(medians.get(base), medians.get(side))]
        yield _line([step, *shown, *ratios])


def _figures(figures: Mapping[str, Sequence[float]]) -> Iterable[str]:
    if not figures:
        return
    yield _line(["figure", "median", "least", "most"])
    yield _line(["---", "---:", "---:", "---:"])
    for name, values in figures.items():
        yield _line([name, *(_number(each(values)) for each in (statistics.median, min, max))])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _shown(cost: Cost | None) -> Sequence[str]:
    if cost is None:
        return NOTHING, NOTHING
    return f"{cost.seconds:.2f} ({cost.cpu:.2f})", f"{cost.memory / 1e6:.0f}"


def _ratios(base: Cost | None, cost: Cost | None) -> Sequence[str]:
    if base is None or cost is None:
        return NOTHING, NOTHING
    pairs = zip(_numbers(base), _numbers(cost), strict=True)
    seconds, cpu, memory = (f"{theirs / ours:.1f}" for theirs, ours in pairs)
    return f"{seconds} ({cpu})", memory


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(*map(statistics.median, zip(*map(_numbers, costs), strict=True)))


def _numbers(cost: Cost) -> tuple[float, float, float]:
    return cost.seconds, cost.cpu, cost.memory


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
