"""Turns what was built and tested into Dagster's materializations and check evaluations.

Verdicts are in the ledger before Dagster hears of them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from weir.core.grains import Grain
from weir.engines.embedded.lake import table_sizes
from weir.lineage.ledger import Built, Verdict
from weir.lineage.nodes import Kind, Node
from weir.lineage.rewritten import STAGES, compare
from weir.orchestra.evaluations import tell
from weir.orchestra.gating import STORED, stored
from weir.orchestra.project import Project
from weir.orchestra.reporting import keep, reports
from weir.orchestra.warm import NodeResult


class Emitter:
    """Tells Dagster of one run's results.

    Args:
        context: the run.
        project: the project.
        nodes: the models that the run should build.
    """

    def __init__(
        self, context: dg.AssetExecutionContext, project: Project, nodes: Sequence[Node]
    ) -> None:
        self.context, self.project, self.nodes = context, project, nodes
        self.keys = list(context.partition_keys)
        self.by_id = {node.unique_id: node for node in nodes}
        self.verdicts: list[Verdict] = []
        stored = [node.asset for node in nodes if node.stage in STAGES]
        self.before = {asset: project.ledger.built(asset) for asset in stored}

    def emit(self, batches: Iterable[list[NodeResult]]) -> Iterator[Any]:
        """Yield materializations and check results while they come.

        Raises:
            dg.Failure: if a model or a blocking test failed, or a model was not built.
        """
        waiting, wrong = set(self.by_id), []
        tests: dict[str, list[str]] = defaultdict(list)
        with self.project.history.reading() as reader:
            for results in batches:
                built = [r for r in results if r.unique_id in self.by_id and r.passed]
                waiting -= {result.unique_id for result in built}
                wrong += [
                    f"{self.by_id[r.unique_id].asset}: {r.message or r.status}"
                    for r in results
                    if r.unique_id in self.by_id and not r.passed
                ]
                yield from self._materialized(built, reader)
                for said in self._checked(
                    [r for r in results if r.unique_id not in self.by_id], reader
                ):
                    yield said
                    assert said.asset_key is not None
                    tests["/".join(said.asset_key.path)].append(said.check_name or "")
                    wrong += _blocking(said)
            for said in stored(self.context, self.project, self._built(waiting)):
                yield said
                wrong += _blocking(said)
        grain = Grain.DAY if self.nodes[0].kind is Kind.EVENT_LOG else self.nodes[0].grain
        keep(self.project, reports(self.context.run.run_id, self.verdicts, self.keys, grain))
        self.project.ledger.prune(
            self.keys, {n.asset: [STORED, *tests.get(n.asset, [])] for n in self.nodes}
        )
        skipped = [self.by_id[uid].asset for uid in sorted(waiting)]
        if wrong or skipped:
            told = "; ".join(wrong) or "nothing failed"
            raise dg.Failure(
                f"{told}. Not built: {', '.join(skipped) or 'none'}.", allow_retries=False
            )

    def _built(self, waiting: Collection[str]) -> list[Node]:
        return [node for node in self.nodes if node.unique_id not in waiting]

    def _materialized(self, results: list[NodeResult], reader: Any) -> Iterator[Any]:
        if not results:
            return
        self.project.ledger.sync(self.project.history)
        sizes = table_sizes(reader, self.nodes[0].stage)
        for result in results:
            node = self.by_id[result.unique_id]
            yield self._materialization(node, result, sizes.get(node.table, 0))

    def _materialization(self, node: Node, result: NodeResult, size: int) -> dg.MaterializeResult:
        built = self.project.ledger.built(node.asset)
        rows = {k: part.rows for k, part in built.items() if part.run == self.context.run.run_id}
        asset = dg.AssetKey(node.asset.split("/"))
        if 1 < len(self.keys) <= 400:
            for key in self.keys:
                mine = sum(n for k, n in rows.items() if k.startswith(key))
                self.context.add_asset_metadata({"dagster/partition_row_count": mine}, asset, key)
        one = {"dagster/partition_row_count": sum(rows.values())} if len(self.keys) == 1 else {}
        return dg.MaterializeResult(
            asset_key=asset,
            metadata={
                "partitions": len(rows),
                **self._became(node, rows, built),
                "rows": sum(rows.values()),
                "seconds": round(result.seconds, 3),
                "table_bytes": size,
                "dagster/row_count": sum(part.rows for part in built.values()),
                **one,
            },
        )

    def _became(
        self, node: Node, keys: Iterable[str], built: Mapping[str, Built]
    ) -> dict[str, int]:
        """Return how many partitions of a fact or layer are new, changed or as they were."""
        if node.asset not in self.before:
            return {}
        report = compare(node.asset, keys, self.before[node.asset], built)
        return {"new": report.new, "changed": report.changed, "same": report.same}

    def _checked(self, results: list[NodeResult], reader: Any) -> list[dg.AssetCheckResult]:
        """Keep the verdicts of tests for every partition; log them and return what to yield."""
        verdicts: list[Verdict] = []
        told = []
        for result in results:
            test = self.project.parsed.json["nodes"][result.unique_id]
            attached = self.project.parsed.json["nodes"][test["attached_node"]]
            asset = f"{attached['schema']}/{attached['name']}"
            blocking = str(test["config"].get("severity", "error")).lower() == "error"
            failing = {} if result.passed else _failing_keys(reader, result, self.keys)
            told.append((asset, test["name"], failing, blocking))
            verdicts += [
                Verdict(
                    asset, test["name"], key, key not in failing, blocking, failing.get(key, "")
                )
                for key in self.keys
            ]
        self.project.ledger.record(verdicts)
        self.verdicts += verdicts
        return [
            tell(self.context, dg.AssetKey(asset.split("/")), name, failing, blocking=blocking)
            for asset, name, failing, blocking in told
        ]


def _blocking(said: dg.AssetCheckResult) -> list[str]:
    if said.passed or said.severity is dg.AssetCheckSeverity.WARN:
        return []
    asset = said.asset_key.to_user_string() if said.asset_key else ""
    return [f"check {said.check_name} failed on {asset} ({said.description})"]


def _failing_keys(reader: Any, result: NodeResult, keys: Sequence[str]) -> dict[str, str]:
    """Run a failed test's compiled SQL and return partition key → what it found.

    A test that could not run at all fails every key.
    """
    if result.status not in ("fail", "warn") or not result.sql:
        return dict.fromkeys(keys, result.message or result.status)
    found = reader.execute(result.sql).fetchall()
    by_key: dict[str, str] = {}
    for row in found:
        text = str(row[0])
        key = next((k for k in keys if text.startswith(k)), keys[0])
        by_key[key] = ", ".join(str(v) for v in row[1:]) or "failed"
    return by_key
