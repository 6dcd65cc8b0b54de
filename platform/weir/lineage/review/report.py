"""What a change does: to which assets, for whom, at what cost. `None` says that nobody looked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from weir.lineage.columns.affected import affected
from weir.lineage.columns.graph import ROWS
from weir.lineage.columns.model_code import ModelCode
from weir.lineage.columns.past import Past, own_part, restated
from weir.lineage.recovery.plans import Estimate, Plan
from weir.lineage.review.changed import Changed, changed
from weir.lineage.review.side import Side


@dataclass(frozen=True)
class Impact:
    """What a change reaches in one asset or service.

    Attributes:
        asset: its key.
        columns: the columns that may hold other values; None where its rows may differ, and so all.
        owner: who answers for it; '' if nobody is named.
    """

    asset: str
    columns: tuple[str, ...] | None
    owner: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        columns = None if self.columns is None else list(self.columns)
        return {"asset": self.asset, "columns": columns, "owner": self.owner}


@dataclass(frozen=True)
class Report:
    """What a change does.

    Attributes:
        base: what it was compared with, in words.
        changed: the assets that differ.
        impact: what breaking changes reach beyond them, by asset.
        restated: the assets whose past has to be built again.
        failed: asset → why dbt cannot compile it.
        unresolved: (asset, column) → why it cannot be followed any more.
        cost: what building again takes; None if there is no data to tell it from.
        cost_note: why there is no cost, or what is left out of it.
        runs: how many runs that are.
        data: what differs in the data, by asset; None if it was not compared.
        data_note: why it was not compared, or with what.
    """

    base: str
    changed: Sequence[Changed]
    impact: Sequence[Impact]
    restated: Sequence[str] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    unresolved: Mapping[tuple[str, str], str] = field(default_factory=dict)
    cost: Estimate | None = None
    cost_note: str = ""
    runs: int = 0
    data: Sequence[Mapping[str, Any]] | None = None
    data_note: str = ""

    def by_owner(self) -> dict[str, list[Impact]]:
        """Return what is reached, by who answers for it."""
        found: dict[str, list[Impact]] = defaultdict(list)
        for one in self.impact:
            found[one.owner].append(one)
        return dict(sorted(found.items()))

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "base": self.base,
            "changed": [one.as_dict() for one in self.changed],
            "impact": [one.as_dict() for one in self.impact],
            "restated": list(self.restated),
            "not_compiled": dict(self.failed),
            "unresolved": [
                {"asset": asset, "column": column, "reason": why}
                for (asset, column), why in self.unresolved.items()
            ],
            "cost": None if self.cost is None else {**asdict(self.cost), "runs": self.runs},
            "cost_note": self.cost_note,
            "data": None if self.data is None else list(self.data),
            "data_note": self.data_note,
        }


def compared(base: str, old: Side, new: Side, failed: Mapping[str, str]) -> Report:
    """Compare two commits of a project, by their files alone.

    Args:
        base: what `old` is, in words.
        old: the project before.
        new: the project after.
        failed: asset → why dbt cannot compile it now.
    """
    found = changed(old, new)
    unresolved = {
        key: why
        for key, why in new.unresolved.items()
        if key not in old.unresolved and key[0] not in failed
    }
    return Report(
        base,
        found,
        list(_impact(old, found)),
        [node.asset for node in restated(new.nodes.values(), old.nodes, past_of(old, new))],
        failed,
        unresolved,
    )


def past_of(old: Side, new: Side) -> Past:
    """Return what becomes of what the old code built under the new one."""

    def load(asset: str, code: str) -> ModelCode | None:
        node = old.nodes.get(asset)
        return old.codes.get(asset) if node and own_part(node.code) == code else None

    return Past(new.nodes.values(), load, lambda: new.codes)


def with_cost(plan: Plan, changed_assets: Iterable[str]) -> tuple[Estimate, str]:
    """Return what a plan takes in all, and a note on what that leaves out."""
    cost, known = plan.estimate, {asset for step in plan.steps for asset in step.assets}
    if not plan.steps:
        return Estimate(0, 0, 0, 0.0, 0.0), ""
    if cost.p50 is None:
        new = sorted(known & set(changed_assets)) or sorted(known)
        return cost, f"How long is not known: {', '.join(new[:3])} never ran here before."
    return cost, ""


def _impact(old: Side, found: Iterable[Changed]) -> Iterable[Impact]:
    own = {one.asset for one in found}
    reached = affected([one.change for one in found], old.graph)
    for asset, columns in reached.items():
        if asset not in own:
            names = None if ROWS in columns else tuple(sorted(columns))
            yield Impact(asset, names, old.owner(asset))
