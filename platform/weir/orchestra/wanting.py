"""What a person asks a plan for, read from words: names of assets, ranges, days. Decides nothing more."""

from collections.abc import Iterable
from datetime import date, datetime

from weir.core import grains
from weir.core.errors import InvalidValue
from weir.core.grains import Grain
from weir.engines.storage import EVERYTHING
from weir.lineage.checking.faults import Level
from weir.lineage.checking.ranges import span_of
from weir.lineage.nodes import Kind, find, label_of
from weir.lineage.recovery.plans import PlanKind, Wanted
from weir.orchestra.project import Project


def to_recover(
    project: Project,
    assets: Iterable[str] = (),
    range_: str = "",
    *,
    downstream: bool = False,
    level: Level = Level.LISTING,
) -> Wanted:
    """Return what to ask for to repair some assets, or all.

    Args:
        project: whose.
        assets: names; the range is in the grain of the first.
        range_: `first..last`, one key, or '' for everything.
        downstream: with assets: also what reads what is repaired.
        level: how closely to look at what is stored; an environment's is not looked at.

    Raises:
        NotFound: if there is no such asset.
        InvalidValue: if the range has another form, or is of no asset.
    """
    found = [find(project.nodes, name) for name in assets]
    if range_ and not found:
        raise InvalidValue("range", range_, ["a range together with the asset it is of"])
    since, until = _bounds(range_, found[0].grain) if found else (None, None)
    return Wanted(
        PlanKind.RECOVER,
        tuple(node.asset for node in found),
        since,
        until,
        downstream=downstream or not found,
        level=level.value if project.environment is None else "",
    )


def to_backfill(
    project: Project,
    asset: str,
    range_: str = "",
    *,
    rebuild: bool = False,
    downstream: bool = False,
) -> Wanted:
    """Return what to ask for to build partitions of an asset, and what they need.

    Raises:
        NotFound: if there is no such asset.
        InvalidValue: if the range has another form.
    """
    node = find(project.nodes, asset)
    since, until = _bounds(range_, node.grain)
    return Wanted(
        PlanKind.BACKFILL, (node.asset,), since, until, downstream=downstream, rebuild=rebuild
    )


def to_restate(project: Project, fact: str, since: date, layers: Iterable[str] = ()) -> Wanted:
    """Return what to ask for to build a fact again from a day on, and of its layers what follows.

    Args:
        project: whose.
        fact: name of the fact.
        since: the first day, in the fact's zone.
        layers: `daily`, `weekly`, `monthly`: only these layers; all if none is named.

    Raises:
        NotFound: if there is no such fact.
    """
    node = find([n for n in project.nodes if n.kind is Kind.FACT], fact)
    units = tuple(sorted({grains.of_layer(word).unit for word in layers}))
    return Wanted(
        PlanKind.RESTATE,
        (node.asset,),
        label_of(since),
        downstream=True,
        rebuild=True,
        units=units,
    )


def _bounds(text: str, grain: Grain) -> tuple[datetime | None, datetime | None]:
    """Return the first label of a range and the first one after it; None where it has no bound."""
    low, high = span_of(text, grain)
    return (
        None if low == EVERYTHING[0] else low,
        None if high == EVERYTHING[1] else grains.shift(high, grain, 1),
    )
