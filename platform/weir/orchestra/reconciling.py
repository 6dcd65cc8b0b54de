"""Makes the records agree with the lake: restores ledger entries, reports to Dagster, wipes there."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import dagster as dg

from weir.lineage.checking.reconcile import Change, ChangeKind
from weir.lineage.checking.reconcile import changes as changes_of
from weir.orchestra.project import Project

__all__ = ["apply", "changes_of"]


def apply(project: Project, instance: dg.DagsterInstance, changes: Iterable[Change]) -> None:
    """Make changes, ledger first. Each may be made again: a cut in between loses nothing."""
    listed = list(changes)
    for asset, keys in _by_asset(listed, ChangeKind.RESTORE):
        project.ledger.restore(project.history, asset, keys)
    for asset, keys in _by_asset(listed, ChangeKind.REPORT):
        _report(project, instance, asset, keys)
    for asset, keys in _by_asset(listed, ChangeKind.WIPE):
        instance.wipe_asset_partitions(dg.AssetKey(asset.split("/")), list(keys))


def _by_asset(changes: Sequence[Change], kind: ChangeKind) -> Iterator[tuple[str, list[str]]]:
    mine = [change for change in changes if change.kind is kind]
    for asset, several in groupby(mine, key=lambda change: change.asset):
        yield asset, [change.key for change in several]


def _report(
    project: Project, instance: dg.DagsterInstance, asset: str, keys: Sequence[str]
) -> None:
    built = project.ledger.built(asset)
    for key in keys:
        rows = sum(part.rows for label, part in built.items() if label.startswith(key))
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                dg.AssetKey(asset.split("/")),
                partition=key,
                description="Reported by `weir partitions reconcile`: it was built before.",
                metadata={"dagster/partition_row_count": rows, "weir/reconciled": True},
            )
        )
