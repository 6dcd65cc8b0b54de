"""What a change does, told from two versions of a small project: classes, reach, policy, Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from weir.core.errors import UsageError
from weir.core.grains import Grain
from weir.lineage.columns.changes import Change
from weir.lineage.columns.graph import ColumnGraph
from weir.lineage.columns.model_code import ModelCode
from weir.lineage.columns.trace import trace
from weir.lineage.nodes import Kind, Node
from weir.lineage.recovery.plans import Estimate
from weir.lineage.review.changed import By
from weir.lineage.review.markdown import MARK, cost, data_lines, headline, summary, unparsed
from weir.lineage.review.policy import Policy, violations
from weir.lineage.review.report import Report, compared
from weir.lineage.review.side import VIEW, Parts, Side, owners_in, views_beside

RAW = ["u", "x", "y", "v"]
SQL = {
    "event_log/a": "select u, x, y from landing.normal where v = 1",
    "fact/f": "select u, sum(x) as s, max(y) as m from event_log.a group by 1",
    "activation/l": "select u, s from fact.f",
    "fact/f_view": "select u from fact.f",
}
READS = {"event_log/a": "landing/normal", "fact/f": "event_log/a"}
KINDS = {"event_log": Kind.EVENT_LOG, "fact": Kind.FACT, "activation": Kind.ACTIVATION}


def side(sql: Mapping[str, str] = SQL, macros: Mapping[str, str] | None = None) -> Side:
    """A project of these models, as dbt would compile it."""
    columns: dict[str, list[str]] = {"landing/normal": RAW}
    codes, lineages = {}, {}
    for asset, text in sql.items():
        read = {READS.get(asset, "fact/f"): columns.get(READS.get(asset, "fact/f"), [])}
        lineages[asset] = trace(text, read)
        columns[asset] = list(lineages[asset].columns)
        meta = {"kind": VIEW} if "view" in asset else {}
        version = f"v{abs(hash((text, str(macros))))}"
        codes[asset] = ModelCode(
            asset, version, text, dict.fromkeys(columns[asset], ""), read, meta
        )
    behind = {"fact/f": ("event_log/a",)}
    nodes = {
        asset: Node(
            asset, KINDS[asset.split("/")[0]], Grain.DAY, behind=behind.get(asset, ()),
            code="-".join(codes[a].code for a in (asset, *behind.get(asset, ())) if a in codes),
        )
        for asset in sql
        if "view" not in asset
    }  # fmt: skip
    return Side(
        nodes, codes, ColumnGraph(lineages, {"service/board": ["activation/l"]}),
        {asset: Parts(text, "", macros or {}) for asset, text in sql.items()},
        {"activation/l": "growth@example.com", "service/board": "Board | team", "fact/f": "data"},
        {"fact/f_view": "fact/f"},
    )  # fmt: skip


def report(**edits: str) -> Report:
    """Compare the project with one in which models have other SQL; 'a' is `event_log/a`."""
    sql = {asset: edits.get(asset.split("/")[1], text) for asset, text in SQL.items()}
    return compared("main at abc", side(), side(sql), {})


def test_nothing_changed() -> None:
    found = report()
    assert (found.changed, found.impact, found.restated) == ([], [], [])
    assert violations(found, Policy()) == []
    assert headline(found) == "none"
    assert found.as_dict()["data"] is None


def test_a_break_reaches_the_columns_that_read_it_and_their_owners() -> None:
    found = report(a="select u, x + 1 as x, y from landing.normal where v = 1")
    (one,) = found.changed
    assert (one.asset, one.change.change, one.by) == ("event_log/a", Change.BREAKING, By.FILE)
    assert {each.asset: each.columns for each in found.impact} == {
        "fact/f": ("s",), "activation/l": ("s",), "service/board": None,
    }  # fmt: skip
    assert {o: [i.asset for i in each] for o, each in found.by_owner().items()} == {
        "Board | team": ["service/board"], "data": ["fact/f"], "growth@example.com": ["activation/l"],
    }  # fmt: skip
    assert found.restated == ["event_log/a", "fact/f"]
    assert violations(found, Policy()) == []  # a log's break passes by default
    strict = violations(found, Policy(breaking=("event_log",)))
    assert [(one.rule, one.asset) for one in strict] == [("breaking", "event_log/a")]


def test_an_additive_change_reaches_and_restates_nothing() -> None:
    found = report(
        f="select u, sum(x) as s, max(y) as m, count(*) as n from event_log.a group by 1"
    )
    assert [(one.asset, one.change.change) for one in found.changed] == [
        ("fact/f", Change.ADDITIVE)
    ]
    assert (found.impact, found.restated) == ([], [])


def test_a_comment_has_no_effect() -> None:
    found = report(f=f"{SQL['fact/f']} -- who")
    assert headline(found) == "1 without effect"
    assert "fact/f" not in summary(found, [])


def test_macros_are_named_and_views_stand_beside_their_table() -> None:
    sql = {**SQL, "fact/f_view": "select u, s from fact.f"}
    new = compared(
        "b", side(macros={"macro.weir.day": "1"}), side(sql, {"macro.weir.day": "2"}), {}
    )
    view = next(one for one in new.changed if one.asset == "fact/f_view")
    assert (view.by, view.macros, view.owner) == (By.MACRO, ("day",), "data")
    assert view.change.change is Change.ADDITIVE


def test_models_that_come_and_go() -> None:
    without = {asset: text for asset, text in SQL.items() if asset != "activation/l"}
    gone = compared("b", side(), side(without), {})
    (one,) = gone.changed
    assert (one.by, one.breaks, one.owner) == (By.REMOVED, True, "growth@example.com")
    assert [each.asset for each in gone.impact] == ["service/board"]
    came = compared("b", side(without), side(), {})
    assert [(one.by, one.change.change) for one in came.changed] == [(By.ADDED, Change.ADDITIVE)]


def test_what_reads_a_changed_column_by_star_differs_by_what_it_reads() -> None:
    star = {**SQL, "activation/l": "select * from fact.f"}
    more = {**star, "fact/f": SQL["fact/f"].replace("as m", "as m, 1 as one")}
    found = compared("b", side(star), side(more), {})
    layer = next(one for one in found.changed if one.asset == "activation/l")
    assert (layer.by, layer.change.change) == (By.UPSTREAM, Change.ADDITIVE)


BROKEN = report(f=SQL["fact/f"].replace("sum", "min"))


@pytest.mark.parametrize(
    ("policy", "rules"),
    [
        ({}, ["breaking"]),
        ({"breaking": ["activation"]}, []),
        ({"allow": ["fact/*"]}, []),
        ({"allow": ["activation/*"]}, ["breaking"]),
        ({"max_partitions": 10}, ["breaking", "max_partitions"]),
        ({"max_partitions": 11, "max_seconds": 2.5}, ["breaking", "max_seconds"]),
        ({"compared": True}, ["breaking", "compared"]),
    ],
)
def test_rules(policy: Mapping[str, Any], rules: list[str]) -> None:
    costly = replace(BROKEN, cost=Estimate(11, 5, None, 2.0, 3.0), data_note="not compared")
    assert [one.rule for one in violations(costly, Policy.read(policy, "p"))] == rules
    meant = violations(costly, Policy.read(policy, "p"), allow_breaking=True)
    assert [one.rule for one in meant] == [rule for rule in rules if rule != "breaking"]


def test_what_does_not_compile_or_resolve_fails_until_the_policy_lets_it() -> None:
    found = replace(
        BROKEN, changed=[], failed={"fact/f": "no"}, unresolved={("fact/g", "x"): "which x?"}
    )
    assert [(one.rule, one.asset) for one in violations(found, Policy())] == [
        ("not_compiled", "fact/f"), ("unresolved", "fact/g.x"),
    ]  # fmt: skip
    assert violations(found, Policy(not_compiled=False, unresolved=False)) == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (["a"], "p is no list of rules"),
        ({"braking": []}, "the rule `braking` is wrong"),
        ({"breaking": ["facts"]}, "names `facts`, which is no stage"),
        ({"max_seconds": -1}, "the rule `max_seconds` is wrong"),
    ],
)
def test_a_wrong_policy_is_told(body: Any, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Policy.read(body, "p")


def test_an_empty_policy_is_the_default() -> None:
    assert Policy.read(None, "p") == Policy()


def test_the_comment_is_short_and_says_it_all() -> None:
    told = summary(BROKEN, violations(BROKEN, Policy()))
    assert told.startswith(MARK)
    assert "## Data changes: 1 breaking ❌ 1 to settle" in told
    assert "| `fact/f` | **breaking** | its files | `s` is computed otherwise. | `data` |" in told
    assert "<details><summary>Downstream: 1 column and all columns of 1 asset, 2 owners" in told
    assert told.count("<details>") == told.count("</details>")


def test_names_do_nothing_in_the_comment() -> None:
    nasty = "x|y](z) @all <img src=x>"
    change = replace(BROKEN.changed[0].change, reasons=(nasty,), rows=True, asset=nasty)
    told = summary(
        replace(BROKEN, changed=[replace(BROKEN.changed[0], change=change, owner=nasty)]), []
    )
    row = next(line for line in told.splitlines() if "breaking**" in line)
    assert row.replace("\\|", "").count("|") == 6
    outside = "".join(row.split("`")[::2])
    assert "@" not in outside
    assert "<img" not in outside.replace("\\<img", "")


def test_what_it_costs_is_a_sentence() -> None:
    told = cost(replace(BROKEN, cost=Estimate(1_100, 5_000, None, 75.0, 130.0), runs=3))
    assert told == (
        "Restatement: up to 1,100 partitions in 3 runs, 5,000 rows, about 1 min 15 s"
        " (nine in ten stay within 2 min 10 s)."
    )
    assert "nothing that is built" in cost(replace(BROKEN, cost=Estimate(0)))
    unknown = replace(BROKEN, cost=Estimate(3), runs=1, cost_note="How long is not known.")
    assert cost(unknown) == "Restatement: up to 3 partitions in 1 run. How long is not known."


def test_compared_and_nothing_found_is_not_the_same_as_not_compared() -> None:
    assert "no difference" in summary(replace(BROKEN, data=[], data_note="3 partitions"), [])
    assert "not compared" in summary(
        replace(BROKEN, data_note="not compared: nothing is built"), []
    )
    rows = {"added": 0, "removed": 2, "changed": 1_000, "same": 3}
    some = [
        {"asset": "fact/f", "partitions": ["2026-01-01"], **rows, "columns": {"s": 7},
         "types": {"n": ("", "INTEGER")}},
        {"asset": "activation/l", "partitions": None, "note": "not compared: too much"},
    ]  # fmt: skip
    told = summary(replace(BROKEN, data=some), [])
    assert "| `fact/f` | 0 | 2 | 1,000 | 3 | `s` 7, `n` new → INTEGER |" in told
    assert "- `activation/l`: not compared: too much" in told
    assert data_lines(replace(BROKEN, data=some))[1:] == [
        "  fact/f: 0 added, 2 removed, 1,000 changed, 3 same",
        "  activation/l: not compared: too much",
    ]


def test_a_project_that_does_not_parse_is_shown_as_text() -> None:
    assert unparsed("a\n~~~~\n@all").count("~~~~") == 2


def test_owners_and_views_of_a_manifest() -> None:
    fact = Node("fact/f", Kind.FACT, Grain.DAY, code="1", unique_id="f", meta={"owner": "o"})
    nodes = [
        fact,
        replace(fact, asset="fact/g", meta={}),
        Node("search/events", Kind.SEARCH, Grain.HOUR),
    ]
    manifest = {"exposures": {"e": {"name": "board", "owner": {"name": "B"}}}}
    assert owners_in(manifest, nodes) == {
        "fact/f": "o", "fact/g": "data", "search/events": "platform", "service/board": "B",
    }  # fmt: skip
    views = {"v": ModelCode("fact/f_now", "1", "select 1", meta={"kind": VIEW})}
    assert views_beside(views, nodes) == {"fact/f_now": "fact/f"}
