"""Runs the tests of event logs that were written together: the usual ones with one look at each log.

The quick look can only say "passed". What it does not know, and what does not pass, is compiled by dbt
and run as dbt would: a failure is always told by the test's own SQL.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb

from weir.core.grains import Range
from weir.engines.embedded.log_counts import LogCounts
from weir.orchestra.project import Project
from weir.orchestra.warm import NodeResult

Test = Mapping[str, Any]
NOT_NULL, COMPLETE = "part_not_null", "complete_against_accepted"


def tests_of(manifest: Mapping[str, Any], models: Iterable[str]) -> dict[str, list[Test]]:
    """Return the tests that are attached to models, by the model's unique id."""
    found: dict[str, list[Test]] = {model: [] for model in models}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("attached_node") in found:
            found[node["attached_node"]].append(node)
    return found


def run_tests(project: Project, models: Iterable[str], labels: Range) -> list[NodeResult]:
    """Run the tests of models, all on one snapshot.

    Raises:
        RunFailed: if dbt cannot compile a test.
    """
    tests = tests_of(project.parsed.json, models)
    with project.lake.read() as connection:
        connection.begin()
        done = _look(connection, project, tests, labels)
        rest = [t for found in tests.values() for t in found if t["unique_id"] not in done]
        if rest:
            compiled = project.dbt.compile([test["name"] for test in rest], labels)
            done |= {t["unique_id"]: _run(connection, t, compiled[t["unique_id"]]) for t in rest}
    return [done[test["unique_id"]] for found in tests.values() for test in found]


def _look(
    connection: duckdb.DuckDBPyConnection,
    project: Project,
    tests: Mapping[str, Sequence[Test]],
    labels: Range,
) -> dict[str, NodeResult]:
    """Return the tests that one look at each log shows to pass, by unique id."""
    counts = LogCounts(connection, labels)
    done: dict[str, NodeResult] = {}
    for model, attached in tests.items():
        began = time.perf_counter()
        passed = _passed(counts, project.parsed.json["nodes"][model]["name"], attached)
        seconds = (time.perf_counter() - began) / max(1, len(attached))
        done |= {unique_id: NodeResult(unique_id, "pass", seconds) for unique_id in passed}
    return done


def _passed(counts: LogCounts, table: str, attached: Sequence[Test]) -> list[str]:
    known: dict[str, list[tuple[Mapping[str, Any], str]]] = defaultdict(list)
    for test in attached:
        said = test.get("test_metadata") or {}
        if not said.get("namespace"):
            known[said.get("name", "")].append((said.get("kwargs", {}), test["unique_id"]))
    columns = [str(given["column_name"]) for given, _ in known[NOT_NULL]]
    if not all(name.isidentifier() for name in columns) or not (columns or known[COMPLETE]):
        return []
    found = counts.log(table, columns)
    full = [
        unique_id
        for at, (_, unique_id) in enumerate(known[NOT_NULL], 1)
        if all(row[0] == row[at] for row in found.values())
    ]
    rows = {hour: row[0] for hour, row in found.items()}
    whole = [
        unique_id
        for given, unique_id in known[COMPLETE]
        if counts.accepted(given["tier"], given["event"]) == rows
    ]
    return [*full, *whole]


def _run(connection: duckdb.DuckDBPyConnection, test: Test, sql: str) -> NodeResult:
    began = time.perf_counter()
    message = ""
    try:
        found = connection.execute(f"SELECT count(*) FROM ({sql})").fetchone()
        failures = int(found[0]) if found else 0
        wrong = "warn" if str(test["config"]["severity"]).lower() == "warn" else "fail"
        status = wrong if failures else "pass"
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        status, failures, message = "error", 0, str(error)
    took = time.perf_counter() - began
    return NodeResult(str(test["unique_id"]), status, took, message, failures, sql)
