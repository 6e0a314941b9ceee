"""Which rules run, with which options: `label_studio.check`, held to the rules that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ls_dvc.check.faults import Level
from ls_dvc.check.registry import RULES, names, number_of
from ls_dvc.errors import LsDvcError
from ls_dvc.settings import schema
from ls_dvc.settings.check import CheckSettings
from ls_dvc.settings.schema import InvalidSettingError, Settings, nearest

if TYPE_CHECKING:
    from ls_dvc.check.interface import AnyRule

_BLOCK = "label_studio.check"
_SELECT = f"{_BLOCK}.select"


@dataclass(frozen=True)
class SelectedRule:
    """A rule that runs. `options` as the rule's module declares them."""

    number: str
    options: Settings

    @property
    def name(self) -> str:
        """What the rule is called."""
        return names()[self.number]

    @property
    def module(self) -> AnyRule:
        """The rule itself."""
        return RULES[self.number]

    def document(self) -> list[Any]:
        """All of it that decides what it finds."""
        return [self.number, self.module.REVISION, self.options.plain()]


def selected_rules(settings: CheckSettings, select: Sequence[str] = ()) -> tuple[SelectedRule, ...]:
    """The rules that run, in the order of their numbers; `LsDvcError` for one that is unknown.

    `select` takes the place of the one in the settings.
    """
    options = {number: _options(number, given) for number, given in settings.options.items()}
    chosen = _chosen(select or settings.select, "--select" if select else _SELECT)
    return tuple(
        SelectedRule(number, options.get(number) or RULES[number].OPTIONS())
        for number in names()
        if number in chosen
    )


def require_known(settings: CheckSettings) -> None:
    """`LsDvcError` unless all rules and options exist; only rules with options are imported."""
    for item in settings.select:
        _matching(item.removeprefix("-"), _SELECT)
    for number, given in settings.options.items():
        _options(number, given)


def number_named(text: str) -> str:
    """The number of the rule with this number or name; `LsDvcError` with the nearest one."""
    number = number_of(text)
    if number is None:
        raise _unknown(text, "")
    return number


def _chosen(select: Sequence[str], where: str) -> set[str]:
    """Where the first item takes rules away, it does so from those that run by default."""
    given = [*select] if select and not select[0].startswith("-") else ["LD", *select]
    chosen = set[str]()
    for item in given:
        if item.startswith("-"):
            chosen -= _matching(item.removeprefix("-"), where)
        elif number := number_of(item):
            chosen.add(number)
        else:
            chosen |= {each for each in _matching(item, where) if not _is_preview(each)}
    return chosen


def _is_preview(number: str) -> bool:
    return RULES[number].LEVEL is Level.PREVIEW


def _matching(text: str, where: str) -> set[str]:
    """The numbers of the rules with this number or name, or whose numbers begin so."""
    if number := number_of(text):
        return {number}
    begun = {each for each in names() if text and each.startswith(text.upper())}
    if not begun:
        raise _unknown(text, f"{where}: ")
    return begun


def _options(number: str, given: Mapping[str, Any]) -> Settings:
    if number not in names():
        raise _unknown(number, f"{_BLOCK}: ")
    try:
        return schema.build(RULES[number].OPTIONS, given, f"{_BLOCK}.{number}")
    except InvalidSettingError as error:
        hint = _known_options(number, error.known) if error.known else ""
        raise LsDvcError(str(error), hint or f"see `ls-dvc check --explain {number}`") from None


def _known_options(number: str, known: Sequence[str]) -> str:
    return f"options of {number} are {', '.join(known)}"


def _unknown(text: str, where: str) -> LsDvcError:
    like = nearest(text, [*names(), *names().values()])
    return LsDvcError(
        f"{where}there is no rule {text!r}{like}",
        "docs/rules.md has them all; `ls-dvc check --explain RULE` tells about one",
    )
