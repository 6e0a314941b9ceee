"""The least agreement that `label_studio.check.agreement` asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ls_dvc.check.agreed import AgreedLabels, AgreementLimit, AgreementRows
from ls_dvc.check.agreement.observed import RELATIONS
from ls_dvc.check.agreement.summary import MEASURES, values
from ls_dvc.errors import LsDvcError
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.settings.check import AgreementSettings
from ls_dvc.settings.schema import nearest

_BLOCK = "label_studio.check.agreement"


def agreed(
    rows: AgreementRows, settings: AgreementSettings, limits: Sequence[AgreementLimit]
) -> AgreedLabels:
    """The agreement in a data set."""
    found = values(rows, settings.min_tasks, people=settings.people)
    return AgreedLabels(rows, tuple(found), limits, settings.min_tasks)


def limits_in(settings: AgreementSettings, config: LabelConfig) -> Sequence[AgreementLimit]:
    """The limits that are set; `LsDvcError` for a limit of what there is not."""
    return tuple(_limits(settings, config))


def _limits(settings: AgreementSettings, config: LabelConfig) -> Iterator[AgreementLimit]:
    for control, measures in settings.options.items():
        _require_known(control, [*config.controls, RELATIONS], "control of the label config")
        for measure, least in measures.items():
            _require_known(measure, MEASURES, f"measure of {control}")
            yield AgreementLimit(control, measure, least)


def _require_known(name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        like = nearest(name, known)
        hint = f"there are {', '.join(known)}"
        raise LsDvcError(f"{_BLOCK}: {name!r} is no {what}{like}", hint)
