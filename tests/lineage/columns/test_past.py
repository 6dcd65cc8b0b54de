"""Which changes of code leave the past as it is: of a model itself, and of what it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pytest

from weir.core.errors import RunFailed
from weir.core.grains import Grain
from weir.lineage.columns.code_store import CodeStore
from weir.lineage.columns.model_code import ModelCode
from weir.lineage.columns.past import Past, restated
from weir.lineage.nodes import Kind, Node

LOG = "select u, x, y from landing.normal where v = 1"
FACT = "select u, sum(x) as s from event_log.a group by 1"
RAW = {"landing/normal": ["u", "x", "y", "z", "v"]}


class Memory(dict[str, str]):
    """A store's texts in memory."""

    def put(self, name: str, text: str) -> None:
        self[name] = text


def log(version: str, sql: str = LOG) -> ModelCode:
    return ModelCode("event_log/a", version, sql, {}, RAW)


def fact(version: str, sql: str = FACT) -> ModelCode:
    return ModelCode("fact/f", version, sql, {}, {"event_log/a": ["u", "x", "y"]})


NODE = Node("fact/f", Kind.FACT, Grain.DAY, code="f2-a2", behind=("event_log/a",))
READ = Node("event_log/a", Kind.EVENT_LOG, Grain.HOUR, code="a2")


def past(now: Mapping[str, str], *, kept: tuple[ModelCode, ...] = (log("a1"), fact("f1"))) -> Past:
    """Return the past of a fact and a log, of which `now` says how their SQL is today."""
    store = CodeStore(Memory())
    for one in kept:
        store.save(one)
    codes = {
        "event_log/a": log("a2", now.get("log", LOG)),
        "fact/f": fact("f2-a2", now.get("fact", FACT)),
    }
    return Past([NODE, READ], store.load, lambda: codes)


@pytest.mark.parametrize(
    ("now", "log_stays", "fact_stays"),
    [
        ({"log": f"{LOG} -- who"}, True, True),
        ({"fact": f"{FACT} -- who"}, True, True),
        ({"log": LOG.replace("y from", "y, z from")}, True, True),
        ({"fact": FACT.replace("as s", "as s, max(y) as m")}, True, True),
        ({"log": LOG.replace("x, y", "x + 1 as x, y")}, False, False),
        ({"log": LOG.replace("x, y", "x, y + 1 as y")}, False, True),  # nobody reads y
        ({"log": LOG.replace("v = 1", "v = 2")}, False, False),
        ({"fact": FACT.replace("sum", "max")}, True, False),
        ({"log": "select broken("}, False, False),
    ],
)  # fmt: skip
def test_what_stays(now: Mapping[str, str], log_stays: bool, fact_stays: bool) -> None:
    compared = past(now)
    assert compared.keeps(READ, "a1") == log_stays
    assert compared.keeps(NODE, "f1-a1") == fact_stays
    assert bool(compared.changed(NODE, "f1-a1")) != fact_stays


def test_the_first_cause_is_said() -> None:
    told = past({"log": LOG.replace("x, y", "x + 1 as x, y + 1 as y")}).changed(NODE, "f1-a1")
    assert told == (
        "the code of event_log/a changed: breaking: `x` is computed otherwise (and 1 more)"
    )
    told = past({"fact": FACT.replace("sum", "max")}).changed(NODE, "f1-a1")
    assert told == "its code changed: breaking: `s` is computed otherwise"


@pytest.mark.parametrize("old", ["f0-a1", "f1-a0", "f1", "f1-a1-a1", ""])
def test_what_is_not_known_does_not_stay(old: str) -> None:
    compared = past({})
    assert not compared.keeps(NODE, old)
    assert compared.changed(NODE, old) == ""


def test_another_number_of_inputs_does_not_stay() -> None:
    more = replace(NODE, behind=("event_log/a", "event_log/b"))
    assert not past({}).keeps(more, "f1-a1")
    assert not past({}).keeps(replace(more, code="f2-a2-b1"), "f1-a1")


def test_a_project_that_does_not_compile_keeps_nothing() -> None:
    def fails() -> Mapping[str, ModelCode]:
        raise RunFailed("dbt cannot compile", "")

    store = CodeStore(Memory())
    store.save(log("a1"))
    assert not Past([READ], store.load, fails).keeps(READ, "a1")


def test_the_present_is_asked_only_when_something_differs() -> None:
    def never() -> Mapping[str, ModelCode]:
        raise AssertionError

    store = CodeStore(Memory())
    store.save(fact("f2"))
    assert Past([NODE], store.load, never).keeps(NODE, "f2-a2")


def test_what_one_set_of_versions_makes_of_another() -> None:
    compared = past({"log": LOG.replace("x, y", "x, y + 1 as y")})
    before = {"fact/f": replace(NODE, code="f1-a1"), "event_log/a": replace(READ, code="a1")}
    new = Node("fact/g", Kind.FACT, Grain.DAY, code="g", start=datetime(2026, 1, 1))
    assert [n.asset for n in restated([NODE, READ, new], before, compared)] == ["event_log/a"]
