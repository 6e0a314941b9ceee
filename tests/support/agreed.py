"""What annotators agree about in raw tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ls_dvc.check.agreed import AgreementRows, AgreementValue, joined
from ls_dvc.check.agreement.observed import observed
from ls_dvc.check.agreement.summary import values
from ls_dvc.check.shard import ShardFindings, check_shard
from ls_dvc.check.views import CheckContext
from ls_dvc.io import canonical_json
from ls_dvc.labels import canonical, label_config
from support.checked import SPANS


def rows(tasks: Iterable[Mapping[str, Any]], config: str = SPANS, shards: int = 2) -> AgreementRows:
    """The rows of tasks in several shards, each kept and read again."""
    context = CheckContext(label_config.parse(config, "the config"))
    lines = [canonical_json.line(canonical.task(task)) for task in tasks]
    size = -(-len(lines) // shards) or 1
    parts = [
        check_shard(lines[at : at + size], (), context, {}, observed)
        for at in range(0, len(lines), size)
    ]
    kept = [ShardFindings.decoded(part.encoded()) for part in parts]
    assert kept == parts
    return joined(part.agreement for part in kept)


def agreed(
    tasks: Iterable[Mapping[str, Any]],
    config: str = SPANS,
    least_tasks: int = 1,
    people: bool = False,
) -> dict[tuple[str, str], AgreementValue]:
    """The agreement by measure and by who is compared."""
    found = values(rows(tasks, config), least_tasks, people=people)
    return {(each.measure, each.annotators): each for each in found}
