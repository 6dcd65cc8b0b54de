"""Builds a sample of changed models beside production, compares the rows, and throws it away."""

import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from weir.core import grains
from weir.core.settings import Settings
from weir.lineage.recovery.plans import PlanKind, Wanted
from weir.orchestra.comparing import difference
from weir.orchestra.environment_homes import create, drop
from weir.orchestra.planning import carry_out, planned, plans_of
from weir.orchestra.project import Project

_MOST = 50
"""How many partitions a sample may need for each one that is compared: layers need all days before."""


def compare_sample(
    settings: Settings, head: Project, assets: Iterable[str], count: int
) -> list[Mapping[str, Any]]:
    """Return what differs in the newest partitions of models, without any row's values.

    They are built in an environment of the home, which is dropped at the end, whatever it is.

    Args:
        settings: production's, with the project's changed code.
        head: the changed project, parsed.
        assets: the models.
        count: how many partitions of each.

    Returns:
        One entry for each model that differs, or that was not compared (`note` says why).

    Raises:
        RunFailed: if a model could not be built.
    """
    with _environment(settings, head) as project:
        found = [_compared(project, asset, count) for asset in assets]
    return [one for one in found if one.get("note") or one["partitions"]]


def _compared(project: Project, asset: str, count: int) -> Mapping[str, Any]:
    picture = project.picture()
    node = picture.nodes[asset]
    newest = sorted(picture.expected(node))[-count:]
    if not newest:
        return _left(asset, "it has no partition yet")
    end = grains.shift(newest[-1], node.grain, 1)
    wanted = Wanted(PlanKind.BACKFILL, (asset,), newest[0], end, downstream=False)
    plan = planned(project, wanted)
    if plan.estimate.partitions > _MOST * count:
        return _left(asset, f"{plan.estimate.partitions:,} partitions would have to be built")
    if plan.steps:
        plan = plans_of(project).keep(plan)
        for _ in carry_out(project, plan.id, plan.digest):
            pass
    (one,) = difference(project, asset, _span(newest), limit=0)
    return {key: value for key, value in one.as_dict().items() if key not in ("examples", "change")}


def _left(asset: str, why: str) -> Mapping[str, Any]:
    return {"asset": asset, "partitions": None, "note": f"not compared: {why}"}


def _span(labels: Sequence[Any]) -> str:
    return f"{labels[0].isoformat()}..{labels[-1].isoformat()}"


@contextmanager
def _environment(settings: Settings, head: Project) -> Iterator[Project]:
    """Yield the changed project in a new environment."""
    made = create(settings, f"ci_{secrets.token_hex(4)}", head.parsed.json)
    try:
        target = made.settings.home / "dbt" / "target"
        target.mkdir(parents=True, exist_ok=True)
        for path in head.parsed.path.parent.glob("manifest-*"):  # parsed already
            shutil.copy(path, target)
        shutil.copy(head.columns.path, target)
        yield Project(made.settings)
    finally:
        drop(made)
