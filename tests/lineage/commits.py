"""A double of the lake's commit records: what runs would have written."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from weir.core import grains
from weir.lineage.ledger import Ledger
from weir.lineage.plan import RangeRun
from weir.lineage.stale import Picture


class Commits:
    """Holds entries as the lake would."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, datetime, Mapping[str, Any]]] = []

    def newest_snapshot(self) -> int:
        return len(self.entries)

    def entries_after(self, snapshot: int) -> Iterator[tuple[int, datetime, Mapping[str, Any]]]:
        return iter([entry for entry in self.entries if entry[0] > snapshot])

    def build(
        self, picture: Picture, run: RangeRun, content: Mapping[str, str] | None = None
    ) -> None:
        """Do what a run does: record each partition with its input; the content is given."""
        for asset in run.assets:
            node = picture.nodes[asset]
            inputs = picture.inputs_for(node, run.labels)
            if asset.startswith("landing/"):
                due = picture.due(node)
                seen = {grains.text(at, node.grain): due[at] for at in run.labels if at in due}
                picture.ledger.observe(asset, seen)
                continue
            partitions = {
                key: {"rows": 1, "hash": (content or {}).get(key, digest), "input": digest}
                for key, digest in inputs.items()
            }
            entry = {"weir": 1, "asset": asset, "partitions": partitions, "run": "r1"}
            self.entries.append((len(self.entries) + 1, datetime(2026, 1, 10), entry))


def run_all(picture_of: Any, history: Any, ledger: Ledger, commits: Commits) -> list[str]:
    """Bring everything up to date; return what ran, as `wave labels`."""
    from weir.lineage.plan import WAVES, runs_of

    ran = []
    for wave in WAVES:
        ledger.sync(commits)
        picture = picture_of(history)
        for run in runs_of(picture, wave):
            commits.build(picture, run)
            ran.append(f"{wave} {run.labels}")
    ledger.sync(commits)
    return ran
