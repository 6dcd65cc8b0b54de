"""Partition definitions and mappings. Keys are calendar labels; every definition is in UTC.

What a label means in a fact's zone is computed in `weir.core.zones`, never by Dagster: it refuses to
map UTC hours to days of another zone.
"""

from datetime import datetime
from functools import cache

import dagster as dg

from weir.core.grains import Grain, Range, parse, shift, text
from weir.core.settings import Settings
from weir.lineage.nodes import Kind, Node

_BACK_TO_CHECKPOINT = {"day": -31, "week": -14, "month": -12}
"""Unit of a layer's periods → periods back to the start of the checkpoint before one, at most."""
_QUARTERS, _YEARS = "0 0 1 1,4,7,10 *", "0 0 1 1 *"


@cache
def landing(settings: Settings) -> dg.TimeWindowPartitionsDefinition:
    """Return the landing partitions: hours, or days if the lake's landing grain is the day."""
    start = settings.landing_start.isoformat()
    if settings.grain is Grain.DAY:
        return dg.DailyPartitionsDefinition(start, timezone="UTC", end_offset=1)
    return dg.HourlyPartitionsDefinition(f"{start}-00:00", timezone="UTC", end_offset=1)


@cache
def landing_day(settings: Settings) -> dg.DailyPartitionsDefinition:
    """Return the partitions of event logs: landing days."""
    start = settings.landing_start.isoformat()
    return dg.DailyPartitionsDefinition(start, timezone="UTC", end_offset=1)


@cache
def _calendar(
    grain: Grain, start: datetime, end: datetime | None
) -> dg.TimeWindowPartitionsDefinition:
    first, last = text(start, grain), text(end, grain) if end else None
    open_ended = 0 if end else 1
    if grain.unit == "week":
        day = (7 - grain.week_shift + 1) % 7  # Dagster counts from Sunday
        return dg.WeeklyPartitionsDefinition(
            first, day_offset=day, timezone="UTC", end_date=last, end_offset=open_ended
        )
    if grain in (Grain.QUARTER, Grain.YEAR):
        return dg.TimeWindowPartitionsDefinition(
            start=first,
            end=last,
            fmt="%Y-%m-%d",
            cron_schedule=_QUARTERS if grain is Grain.QUARTER else _YEARS,
            timezone="UTC",
            end_offset=open_ended,
        )
    kind = dg.DailyPartitionsDefinition if grain is Grain.DAY else dg.MonthlyPartitionsDefinition
    return kind(first, last, timezone="UTC", end_offset=open_ended)


def of_node(node: Node, settings: Settings) -> dg.TimeWindowPartitionsDefinition:
    """Return the partitions of an asset."""
    if node.kind is Kind.EVENT_LOG:
        return landing_day(settings)
    if node.kind in (Kind.LANDING, Kind.ACCEPTED, Kind.SEARCH):
        return landing(settings)
    assert node.start is not None
    return _calendar(node.grain, node.start, node.end)


def mapping(downstream: Node, upstream: Node) -> dg.PartitionMapping | None:
    """Return the mapping of one edge: a superset of what is truly read, for Dagster's picture.

    What is truly read is in the ledger (landing hour × event hour), and only that decides.
    """
    if downstream.kind is Kind.FACT:
        # An event of any day may land in any later hour: Dagster is shown the day itself, a day wider.
        return dg.TimeWindowPartitionMapping(
            start_offset=-1, end_offset=1, allow_nonexistent_upstream_partitions=True
        )
    if upstream.kind is Kind.CHECKPOINT:
        return dg.TimeWindowPartitionMapping(
            start_offset=_BACK_TO_CHECKPOINT[downstream.period.unit],
            allow_nonexistent_upstream_partitions=True,
        )
    return dg.TimeWindowPartitionMapping(allow_nonexistent_upstream_partitions=True)


def run_range(keys: list[str], grain: Grain) -> Range:
    """Return the half-open range of the contiguous partition keys of a run."""
    return Range(parse(keys[0], grain), shift(parse(keys[-1], grain), grain, 1), grain)


def pool(node: Node) -> str:
    """Return the concurrency pool of an asset: lanes never wait for each other's runs."""
    return f"lake_{node.tier}" if node.tier else "lake"
