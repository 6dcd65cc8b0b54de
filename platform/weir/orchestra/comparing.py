"""Compares an environment with production: its models, and the rows of chosen partitions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from weir.activation.contract import tests_of
from weir.core import grains
from weir.core.errors import NotFound, UsageError
from weir.core.grains import Range, coalesce
from weir.engines.embedded.data_diff import Compared, TableDiff, compare
from weir.engines.environments import STAGES
from weir.lineage.columns.affected import affected
from weir.lineage.columns.changes import ModelChange, classify
from weir.lineage.environments.fingerprints import Change, changes, fingerprints
from weir.lineage.environments.picture import EnvironmentPicture, Shown
from weir.lineage.nodes import Node
from weir.orchestra.columns import code_store
from weir.orchestra.environment_homes import base_of
from weir.orchestra.project import Project


@dataclass(frozen=True)
class Difference:
    """What differs between a model in an environment and in production.

    Attributes:
        asset: the model's key.
        change: how its code differs; None if it does not.
        differing: ranges of partitions whose content differs, or that only the environment has.
        equal: partitions with the same content in both: they were not read.
        todo: partitions that the environment should build still.
        rows: the rows of the differing partitions.
        columns: what the change of its code does to its columns; None where that is not known.
        reaches: asset → columns that the change reaches there; '' stands for its rows.
    """

    asset: str
    change: Change | None
    differing: list[Range]
    equal: int
    todo: int
    rows: TableDiff
    columns: ModelChange | None = None
    reaches: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        change = {"kind": self.change.kind, "by": list(self.change.by)} if self.change else None
        return {
            "asset": self.asset,
            "change": change,
            "partitions": [str(each) for each in self.differing],
            "equal": self.equal,
            "todo": self.todo,
            "column_changes": self.columns.as_json() if self.columns else None,
            "reaches": {asset: list(columns) for asset, columns in self.reaches.items()},
            **self.rows.as_dict(),
        }


def difference(
    project: Project, asset: str = "", span: str = "", limit: int = 5
) -> list[Difference]:
    """Return what differs between an environment and production, in the data's order.

    Args:
        project: the environment's project.
        asset: the only model to look at, `schema/table` or the table alone.
        span: the only partitions to look at, `first..last` or one key.
        limit: most example rows of each model.

    Raises:
        NotFound: if there is no such model.
        UsageError: if the span is none.
    """
    picture = project.picture()
    assert isinstance(picture, EnvironmentPicture)
    assert project.environment is not None
    different = changes(base_of(project.environment), fingerprints(project.parsed.json))
    nodes = _nodes(picture, asset)
    tests = tests_of(project.parsed.json)
    found = []
    with project.lake.read() as connection:
        for node in nodes:
            labels, equal = _partitions(node, picture.shown(node), _within(span, node))
            todo = len(picture.look(node).todo)
            if not (labels or equal or asset or (todo and node.asset in different)):
                continue  # or production is like that by now
            ranges = coalesce(labels, node.grain, limit=10**9)
            wanted = Compared(
                node.stage, node.table, node.column, keys_of(node, tests.get(node.unique_id, [])),
                ranges,
            )  # fmt: skip
            rows = compare(connection, wanted, limit)
            change = different.get(node.asset)
            columns = _columns(project, node, picture.shown(node)) if change else None
            reaches = _reached(project, columns) if columns else {}
            found.append(
                Difference(node.asset, change, ranges, equal, todo, rows, columns, reaches)
            )
    gone = [change for change in different.values() if change.kind == "removed" and not asset]
    return found + [Difference(c.asset, c, [], 0, 0, TableDiff()) for c in gone]


def keys_of(node: Node, tests: Iterable[Mapping[str, Any]]) -> Sequence[str]:
    """Return the columns that say which row of a model is which: those of its test of uniqueness."""
    for test in tests:
        about = test.get("test_metadata") or {}
        if about.get("name") == "part_unique":
            return [str(name) for name in about["kwargs"]["columns"]]
    return [node.column, "event_id" if node.stage == "event_log" else str(node.meta.get("key", ""))]


def _columns(project: Project, node: Node, shown: Shown) -> ModelChange | None:
    """Return what a model's new code does to its columns, where production's code was kept."""
    new = project.columns.codes().get(node.asset)
    newest = max(shown.production, default=None)
    if new is None or newest is None:
        return None
    old = code_store(project.settings.production).load(node.asset, shown.production[newest].code)
    return classify(old, new) if old else None


def _reached(project: Project, change: ModelChange) -> dict[str, Sequence[str]]:
    """Return the columns of other models that a breaking change reaches."""
    reached = affected([change], project.columns.graph).items()
    return {a: sorted(columns) for a, columns in sorted(reached) if a != change.asset}


def _nodes(picture: EnvironmentPicture, asset: str) -> list[Node]:
    models = [node for node in picture.nodes.values() if node.stage in STAGES]
    found = [node for node in models if not asset or asset in (node.asset, node.table)]
    if not found:
        raise NotFound("model", asset, [node.asset for node in models])
    return found


def _within(span: str, node: Node) -> tuple[datetime, datetime] | None:
    if not span:
        return None
    first, _, last = span.partition("..")
    try:
        start, end = (
            grains.floor(datetime.fromisoformat(day), node.grain) for day in (first, last or first)
        )
    except ValueError:
        raise UsageError(
            f"`{span}` is no range of partitions.", "Write --range 2026-01-05..2026-01-10."
        ) from None
    return start, end


def _partitions(
    node: Node, shown: Shown, within: tuple[datetime, datetime] | None
) -> tuple[set[datetime], int]:
    """Return the environment's partitions that differ from production's, and how many do not."""
    del node
    chosen = {at for at in shown.own if within is None or within[0] <= at <= within[1]}
    equal = {
        at
        for at in chosen
        if at in shown.production and shown.production[at].hash == shown.mine[at].hash
    }
    return chosen - equal, len(equal)
