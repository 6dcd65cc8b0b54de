"""Generated warehouses in memory: a wide graph, and facts with layers whose code changed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from apart import Took

from weir.core import grains
from weir.core.grains import Grain
from weir.engines.history import Counted, LandedHour, LandingHistory
from weir.lineage.graph import Edge, Graph, Previous, Same, UpTo, closure
from weir.lineage.graph.of_picture import graph_of
from weir.lineage.ledger import Built
from weir.lineage.nodes import Kind, Node, fixed_nodes, in_order
from weir.lineage.recovery.planning import make_plan
from weir.lineage.recovery.plans import PlanKind, Wanted
from weir.lineage.stale import Picture

START = datetime(2023, 1, 1)
LAYERS = 6


def close_all(assets: int, days: int) -> tuple[dict[str, int], Took]:
    """Measure what the first layer's faults reach: every partition of every asset."""
    graph, seeds = wide(assets, days)
    began = Took(time.perf_counter(), time.process_time())
    found = closure(graph, seeds)
    took = _since(began)
    reached = sum(map(len, found.values()))
    if reached != assets * days:
        raise RuntimeError(f"{reached} of {assets * days} partitions were reached.")
    return {"assets": assets, "days": days, "partitions": reached}, took


def wide(assets: int, days: int) -> tuple[Graph, dict[str, list[datetime]]]:
    """Return six layers of assets by day, each reading two of the layer before, some their own past."""
    labels = [START + timedelta(days=n) for n in range(days)]
    width = assets // LAYERS
    edges: list[Edge] = []
    for number in range(width, assets):
        layer, place = divmod(number, width)
        above = [(layer - 1) * width + (place + step) % width for step in (0, 1)]
        kind = UpTo if number % 7 == 0 else Same
        edges += [kind(f"a{parent}", f"a{number}") for parent in above]
        if number % 10 == 0:
            edges.append(Previous(f"a{number}", f"a{number}"))
    names = [f"a{number}" for number in range(width * LAYERS)]
    return Graph(dict.fromkeys(names, labels), edges), dict.fromkeys(names[:width], labels)


def plan_all(facts: int, days: int) -> tuple[dict[str, int], Took]:
    """Measure a plan, from what is built to its steps, after the code of all facts changed."""
    nodes, kept = built(facts, days)
    now = [replace(n, code="other") if n.kind is Kind.FACT else n for n in nodes]
    began = Took(time.perf_counter(), time.process_time())
    picture = look(now, kept, facts, days)
    plan = make_plan(picture, graph_of(picture), Wanted(PlanKind.RECOVER), now=START)
    took = _since(began)
    stale = sum(step.certain for step in plan.steps)
    if stale != facts * days:
        raise RuntimeError(f"{stale} of {facts * days} days are stale.")
    reached = stale + sum(step.conditional for step in plan.steps)
    sizes = {"facts": facts, "stale": stale, "partitions": reached, "steps": len(plan.steps)}
    return sizes, took


@dataclass
class Kept:
    """A ledger in memory."""

    parts: dict[str, dict[str, Built]] = field(default_factory=dict)
    seen: dict[str, dict[str, str]] = field(default_factory=dict)

    def built(self, asset: str) -> dict[str, Built]:
        """Return how partitions were built."""
        return self.parts.get(asset, {})

    def observed(self, asset: str) -> dict[str, str]:
        """Return what landed when somebody looked."""
        return self.seen.get(asset, {})

    def failed(self, *_: Any, **__: Any) -> list[Any]:
        """Return no failed check."""
        return []

    def reads(self, asset: str, keys: Iterable[str] | None = None) -> dict[str, Any]:
        """Return no input vector."""
        del asset, keys
        return {}


def built(facts: int, days: int) -> tuple[list[Node], Kept]:
    """Return facts with their daily layers, and a ledger in which all is built."""
    nodes = list(_nodes(facts))
    kept = Kept()
    for node in nodes:
        due = look(nodes, kept, facts, days).due(node)
        if node.kind is Kind.LANDING:
            kept.seen[node.asset] = {grains.text(at, node.grain): v for at, v in due.items()}
            continue
        kept.parts[node.asset] = {
            grains.text(at, node.grain): Built(1, f"2:{at:%j}:0:1", text, "r", node.code, 1, None)
            for at, text in due.items()
        }
    return nodes, kept


def look(nodes: list[Node], kept: Kept, facts: int, days: int) -> Picture:
    """Look at the warehouse: one event of each fact landed each day at ten."""
    hours = [START + timedelta(days=n, hours=10) for n in range(days)]
    one = Counted(1, (1, 1, 1, 1))
    lanes: Mapping[tuple[str, datetime], LandedHour] = {
        ("normal", at): LandedHour(1, one, closed=True) for at in hours
    }
    by_event = {f"event{n}": {(at, at): one for at in hours} for n in range(facts)}
    end = START + timedelta(days=days, hours=3)
    return Picture(
        nodes, LandingHistory(lanes, by_event, START, end), kept,  # type: ignore[arg-type]
        policy="p", lag=timedelta(hours=1), now=end, tables=[f"event{n}" for n in range(facts)],
    )  # fmt: skip


def _nodes(facts: int) -> Iterable[Node]:
    found = list(fixed_nodes(Grain.HOUR))
    for n in range(facts):
        of = {"events": (f"event{n}",), "fact": f"fact{n}", "start": START}
        rows = f"activation/fact{n}_activation_daily"
        found += [
            Node(f"event_log/event{n}", Kind.EVENT_LOG, Grain.HOUR, (f"event{n}",), tier="normal", code="a"),
            Node(f"fact/fact{n}", Kind.FACT, Grain.DAY, code="b", **of),
            Node(f"activation/fact{n}_firstlast_daily", Kind.CHECKPOINT, Grain.MONTH, code="c", counts=Grain.DAY, **of),
            Node(rows, Kind.ACTIVATION, Grain.DAY, code="d", counts=Grain.DAY, **of),
            Node(f"{rows}_summary", Kind.SUMMARY, Grain.DAY, code="e", counts=Grain.DAY, **of),
            Node(f"{rows}_returns", Kind.RETURNS, Grain.DAY, code="f", counts=Grain.DAY, **of),
        ]  # fmt: skip
    return in_order(found)


def _since(began: Took) -> Took:
    return Took(time.perf_counter() - began.wall, time.process_time() - began.cpu)
