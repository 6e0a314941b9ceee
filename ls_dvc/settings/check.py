"""Settings of faults: the block `label_studio.check` of params.yaml."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from ls_dvc.settings.schema import Settings, between


class FailSettings(Settings, frozen=True, kw_only=True):
    """Which faults fail `ls-dvc check`. A bare word is short for `{faults: …}`."""

    SHORTHAND: ClassVar[str] = "faults"

    faults: Literal["new", "all", "none"] = "new"
    """`new`: those that the base does not have. `all`: all that are not accepted. `none`."""
    level: Literal["error", "warning", "note"] = "error"
    """The lowest level that fails."""


class AgreementSettings(Settings, frozen=True, kw_only=True):
    """How far annotators agree, and how far they have to. `tag: {f1: 0.5}` is the least F1 of the
    control `tag`; less is the fault LD912. [Check](check.md#agreement) has the measures.
    """

    NUMBERED: ClassVar[str] = r"(?!(?:min_tasks|people|options)$).*"

    min_tasks: Annotated[int, between(1)] = 30
    """Values of fewer tasks mean little, and are not shown."""
    people: bool = False
    """Whether pairs of annotators are shown, by their numbers, in `reports/agreement.csv` as well:
    git never forgets."""
    options: dict[str, dict[str, float]] = {}
    """The least values of measures by control: `{tag: {f1: 0.5}}`; the control may stand for
    itself."""


class CheckSettings(Settings, frozen=True, kw_only=True):
    """Which faults of the labels are looked for. `LD105: {…}` are the options of the rule LD105;
    [the rules](rules.md) say which there are.
    """

    NUMBERED: ClassVar[str] = r"LD\d{3}"

    select: list[str] = []
    """The rules that run, in order: numbers (`LD403`), names (`edge-blank`), beginnings of numbers
    (`LD4`), and with a `-` before them those that do not. Unless set, all; preview rules run only
    where they are named one by one."""
    fail: FailSettings = FailSettings()
    """Which faults fail `ls-dvc check`; the stage `check` only reports them."""
    agreement: AgreementSettings = AgreementSettings()
    """How far annotators agree."""
    accept: str = "labels.accepted"
    """The file of accepted faults, which `ls-dvc check --accept` writes."""
    options: dict[str, dict[str, Any]] = {}
    """Options by the number of a rule: `{LD421: {times: 10}}`; the number may stand for itself."""
