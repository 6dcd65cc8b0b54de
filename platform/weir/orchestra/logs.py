"""Builds event logs together: one transaction for many models, instead of one each by dbt.

A model comes here if its SQL is nothing but the macro `event_log` and its tests are plain ones; what
says more (hooks, a contract, other SQL, thresholds of tests), has very many rows, needs its table
changed, or fails, is left to dbt. Both ways leave the same rows, ledger entries and verdicts.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from weir.core.grains import Range
from weir.engines.embedded.event_logs import EmbeddedEventLogs, LogBuild
from weir.lineage.nodes import Node
from weir.lineage.stale import Picture
from weir.orchestra.log_tests import run_tests, tests_of
from weir.orchestra.project import Project
from weir.orchestra.warm import Invocation, NodeResult

MAX_ROWS = 2_000_000  # of one transaction: it is held in memory, and other writers wait
MAX_LOGS = 100  # of one transaction
_FEW = 20  # models that are named; of more, dbt compiles the whole folder: it selects faster
_PLAIN_TEST = {
    "fail_calc": "count(*)", "warn_if": "!= 0", "error_if": "!= 0", "limit": None,
    "store_failures": None, "sql_header": None, "where": None,
}  # fmt: skip


def build_logs(
    project: Project, picture: Picture, nodes: Sequence[Node], invocation: Invocation
) -> Iterator[list[NodeResult]]:
    """Build the event logs of an invocation and run their tests; yield results in batches.

    Raises:
        RunFailed: if dbt itself broke down.
    """
    left = {node.table: node for node in nodes}
    models = project.parsed.json["nodes"]
    tests = tests_of(project.parsed.json, [node.unique_id for node in nodes])
    plain = [
        n
        for n in nodes
        if not project.settings.env and is_plain(models[n.unique_id], tests[n.unique_id])
    ]
    batches = list(_batches(picture, plain, invocation.labels))
    compiled = _compile(project, [n for batch in batches for n in batch], invocation.labels)
    for batch in batches:
        for result in (done := _write(project, batch, invocation, compiled)):
            del left[result.unique_id.rpartition(".")[2]]
        yield done
        yield run_tests(project, [result.unique_id for result in done], invocation.labels)
    if left:
        rest = replace(invocation, models=list(left))
        yield from ([result] for result in project.dbt.build(rest))


def is_plain(model: Mapping[str, Any], tests: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a model's table and its tests need nothing of dbt but their SQL."""
    config = model["config"]
    own = (
        config["materialized"] == "partition_range"
        and config["partitioned_by"] == ["landing_day"]
        and not any((config["pre-hook"], config["post-hook"], config["contract"]["enforced"]))
        and "united" not in config["meta"]["weir"]  # its view is made by dbt
        and _only_calls(model["raw_code"], "event_log")
    )
    return own and all(
        test["config"].get(name) == usual for test in tests for name, usual in _PLAIN_TEST.items()
    )


def _only_calls(code: str, macro: str) -> bool:
    r"""Tell whether a model is, but for comments, one call of a macro with nothing but literals.

    >>> _only_calls('-- generated\n{{ event_log("a", [{"b": {"c": "d"}}]) }}', "event_log")
    True
    >>> _only_calls('{{ event_log("a") }} union all {{ event_log("b") }}', "event_log")
    False
    """
    lines = [line for line in code.splitlines() if not line.lstrip().startswith("--")]
    text = "\n".join(lines).strip()
    if not (text.startswith("{{") and text.endswith("}}")):
        return False
    try:
        call = ast.parse(text[2:-2].strip(), mode="eval").body
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            return False
        for argument in call.args:
            ast.literal_eval(argument)
    except (SyntaxError, ValueError):
        return False
    return call.func.id == macro and not call.keywords


def _batches(picture: Picture, nodes: Sequence[Node], labels: Range) -> Iterator[list[Node]]:
    """Yield nodes in groups of few rows; one that has too many by itself is left out."""
    batch: list[Node] = []
    held = 0
    for node in nodes:
        rows = _rows(picture, node, labels)
        if rows > MAX_ROWS:
            continue
        if batch and (held + rows > MAX_ROWS or len(batch) == MAX_LOGS):
            yield batch
            batch, held = [], 0
        batch.append(node)
        held += rows
    if batch:
        yield batch


def _rows(picture: Picture, node: Node, labels: Range) -> int:
    return sum(
        counted.rows
        for event in node.events
        for (hour, _), counted in picture.history.by_event.get(event, {}).items()
        if labels.start <= hour < labels.end
    )


def _compile(project: Project, nodes: Sequence[Node], labels: Range) -> dict[str, str]:
    if not nodes:
        return {}
    select = [n.table for n in nodes] if len(nodes) <= _FEW else ["weir.event_log"]
    return project.dbt.compile(select, labels)


def _write(
    project: Project, nodes: Sequence[Node], invocation: Invocation, compiled: Mapping[str, str]
) -> list[NodeResult]:
    """Write logs in one transaction; return those that were written."""
    builds = [
        LogBuild(
            node.table,
            compiled[node.unique_id],
            f'"lake"."accepted"."{node.tier}"',
            node.tier,
            node.code,
            invocation.inputs.get(node.asset, {}),
            invocation.vectors.get(node.asset, {}),
        )
        for node in nodes
    ]
    store = EmbeddedEventLogs(project.lake)
    try:
        seconds = store.replace(builds, invocation.labels, run=invocation.run)
    except duckdb.InterruptException:
        raise
    except duckdb.Error:  # nothing was written: dbt tells which model it is, and builds the others
        return []
    return [
        NodeResult(node.unique_id, "ok", seconds[node.table])
        for node in nodes
        if node.table in seconds
    ]
