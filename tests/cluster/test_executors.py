"""Work on other machines, as far as no cluster is needed: processes are other machines too."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from support.remote_work import Logged, Number, fails, square, with_data

from ls_dvc.cluster import executors, remote_piece
from ls_dvc.cluster.remote_executor import RemoteExecutor
from ls_dvc.cluster.remote_piece import RemotePiece
from ls_dvc.errors import BugError, LsDvcError
from ls_dvc.execution.executor import LocalProcesses, Work
from ls_dvc.progress import Silent


class Heard(Silent):
    def __init__(self) -> None:
        self.lines = list[str]()

    def say(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        yield pool


def remote(pool: ProcessPoolExecutor, report: Silent | None = None) -> RemoteExecutor:
    return RemoteExecutor("the pool", pool, 2, report or Silent())


def test_results_are_in_the_order_of_the_items(pool: ProcessPoolExecutor) -> None:
    work = Work("squares", square, with_data)
    items = [Number(value) for value in range(20)]
    expected = [value**2 for value in range(20)]
    assert list(remote(pool).ordered(work, items)) == expected
    assert list(LocalProcesses(1).ordered(work, items)) == expected
    assert list(LocalProcesses(2).ordered(work, items)) == expected
    assert list(remote(pool).ordered(work, ())) == []


def test_data_is_sent_to_those_who_cannot_read_it(pool: ProcessPoolExecutor) -> None:
    sent = list[Number]()

    def noted(item: Number) -> Number:
        sent.append(item)
        return with_data(item)

    items = [Number(value, here=False) for value in range(20)]
    found = list(remote(pool).ordered(Work("squares", square, noted), items))
    assert found == [value**2 for value in range(20)]
    assert len(sent) == 20, "once each"


def test_few_items_are_on_their_way(pool: ProcessPoolExecutor) -> None:
    asked = list[int]()

    def items() -> Iterator[Number]:
        for value in range(100):
            asked.append(value)
            yield Number(value)

    results = remote(pool).ordered(Work("squares", square, with_data), items())
    assert next(results) == 0
    assert len(asked) <= 6
    results.close()


def test_an_error_of_ours_is_not_tried_again(pool: ProcessPoolExecutor, tmp_path: Path) -> None:
    logged = Logged(tmp_path, 0, wrong=3)
    with pytest.raises(LsDvcError, match="3 is wrong") as caught:
        list(remote(pool).ordered(logged.work, range(8)))
    assert caught.value.hint == "put it right"
    assert [item for item, _ in logged.log()].count(3) == 1


def test_a_bug_says_where_it_was(pool: ProcessPoolExecutor) -> None:
    with pytest.raises(BugError, match=r"in fails(.|\n)*ZeroDivisionError"):
        list(remote(pool).ordered(Work("it", fails, with_data), [0]))  # type: ignore[arg-type]


def test_pieces_that_are_too_short_are_said(pool: ProcessPoolExecutor, tmp_path: Path) -> None:
    report = Heard()
    list(remote(pool, report).ordered(Logged(tmp_path, 0).work, range(4)))
    list(remote(pool, report).ordered(Logged(tmp_path, 0.25).work, range(2)))
    assert len(report.lines) == 1
    assert report.lines[0].startswith("it: a piece takes 0.00 s, so the pool gains little")


def test_another_code_is_refused_before_anything_is_unpickled() -> None:
    answer = remote_piece.run(RemotePiece("0" * 64, b"no pickle", b"no pickle"))
    assert answer.refused


def test_a_function_of_a_module_makes_an_executor() -> None:
    name = "concurrent.futures:ThreadPoolExecutor"
    with executors.opened(name, 2, Silent()) as executor:
        work = Work("squares", square, with_data)
        assert list(executor.ordered(work, [Number(3)])) == [9]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("dask", "there is no executor 'dask'"),
        ("no_such_module_of_ours:make", "No module named 'no_such_module_of_ours'"),
        ("concurrent.futures:make", "has no attribute 'make'"),
        ("support.remote_work:no_executor", "gave a str, which is no executor"),
        (":", "cannot make the executor"),
    ],
)
def test_what_is_no_executor(name: str, told: str) -> None:
    with pytest.raises(LsDvcError, match=told), executors.opened(name, 2, Silent()):
        pass
