"""The assets of a project as plain data, in data order: what the planner and Dagster both read.

A node is read from the dbt manifest (event logs, facts, activation) or from the fixed stages
(landing, accepted, search). Nothing is opened here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from weir.activation.contract import fact_of, tests_of
from weir.core import grains
from weir.core.errors import NotFound, WeirError
from weir.core.grains import CHECKPOINT_OF, Grain
from weir.core.landing import LANES, TIERS
from weir.core.names import layer_of

_PACKAGE, _ENGINES = "weir", ("duckdb", "bigquery", "default")
STAGES = ("landing", "accepted", "event_log", "fact", "activation", "search")


class Kind(StrEnum):
    """How a node's inputs are found."""

    LANDING = "landing"
    ACCEPTED = "accepted"
    EVENT_LOG = "event_log"
    FACT = "fact"
    CHECKPOINT = "checkpoint"
    ACTIVATION = "activation"
    SPANS = "spans"
    SUMMARY = "summary"
    RETURNS = "returns"
    SEARCH = "search"


LAYER = (Kind.CHECKPOINT, Kind.ACTIVATION, Kind.SPANS, Kind.SUMMARY, Kind.RETURNS)
"""Kinds whose partitions are made of all days of a fact up to their end."""


@dataclass(frozen=True)
class Node:
    """One asset.

    Attributes:
        asset: key as `schema/table`.
        kind: how its inputs are found.
        grain: grain of its ledger keys.
        events: names of the events it reads; empty for landing, accepted and search.
        fact: the fact it belongs to (facts, checkpoints, activation).
        zone: IANA zone that its day labels mean.
        start, end: first label and the label after the last one, if bounded.
        tier: lane or tier (landing, accepted, event log).
        unique_id: dbt's id of the model, '' if it is none.
        code: version of its code.
        column: the table's partition column, '' if it is no table of the lake.
        meta: the model's `meta.weir`.
        counts: grain of the periods that a checkpoint counts, where it is not its keys'.
        behind: the assets whose own code follows the node's own in `code`, joined by '-'.
    """

    asset: str
    kind: Kind
    grain: Grain
    events: tuple[str, ...] = ()
    fact: str = ""
    zone: str = "UTC"
    start: datetime | None = None
    end: datetime | None = None
    tier: str = ""
    unique_id: str = ""
    code: str = ""
    column: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict, compare=False)
    counts: Grain | None = None
    behind: tuple[str, ...] = ()

    @property
    def period(self) -> Grain:
        """The grain of the periods that its rows count; that of its keys but for checkpoints."""
        return self.counts or self.grain

    @property
    def stage(self) -> str:
        """The asset key's prefix: schema, dbt folder and Dagster group at once."""
        return self.asset.split("/")[0]

    @property
    def table(self) -> str:
        """The table's name."""
        return self.asset.split("/")[1]


def fixed_nodes(landing: Grain) -> list[Node]:
    """Return the nodes that every project has: landing, accepted and search."""
    return [
        *(Node(f"landing/{lane}", Kind.LANDING, landing, tier=lane) for lane in LANES),
        *(
            Node(f"accepted/{t}", Kind.ACCEPTED, landing, tier=t, code="1", column="landing_hour")
            for t in TIERS
        ),
        Node("search/events", Kind.SEARCH, landing, code="1"),
    ]


def model_nodes(manifest: Mapping[str, Any], landing: Grain) -> list[Node]:
    """Return the nodes of a dbt manifest's models.

    Raises:
        WeirError: if a model of a stage lacks the `meta.weir` that its stage needs.
    """
    models = {
        uid: node for uid, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    macros = manifest["macros"]
    codes = {uid: code_of(model, macros) for uid, model in models.items()}
    of = {stage: [m for m in models.values() if m["schema"] == stage] for stage in STAGES}
    logs = {m["unique_id"]: _event_log(m, codes, landing) for m in of["event_log"]}
    tests = tests_of(manifest)
    facts = [_fact(m, codes, logs, tests.get(m["unique_id"], [])) for m in of["fact"]]
    by_name = {node.table: node for node in facts}
    layers = [
        _layer(model, _code_behind(model, models), codes, by_name) for model in of["activation"]
    ]
    return [*logs.values(), *facts, *layers]


def code_of(model: Mapping[str, Any], macros: Mapping[str, Any]) -> str:
    """Return the version of a model's code: its file, its `meta`, and every macro that it uses.

    Only this project's macros count: dbt's own come with its version.
    """
    parts = [model["checksum"]["checksum"], str(model["config"].get("meta"))]
    parts += [macros[name]["macro_sql"] for name in macros_of(model, macros)]
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


def macros_of(model: Mapping[str, Any], macros: Mapping[str, Any]) -> list[str]:
    """Return dbt's ids of the project's macros that a model uses, over any number of steps."""
    seen: set[str] = set()
    waiting = list(model["depends_on"]["macros"])
    while waiting:
        name = waiting.pop()
        if name in seen or name not in macros or macros[name]["package_name"] != _PACKAGE:
            continue
        seen.add(name)
        waiting += macros[name]["depends_on"]["macros"]
        # a dispatched macro names its implementations only when it runs
        short = name.removeprefix(f"macro.{_PACKAGE}.")
        waiting += [f"macro.{_PACKAGE}.{engine}__{short}" for engine in _ENGINES]
    return sorted(seen)


def in_order(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes sorted in the data's order: by stage, and inside one by kind and name."""
    kinds = list(Kind)
    return sorted(nodes, key=lambda n: (STAGES.index(n.stage), kinds.index(n.kind), n.asset))


def _meta(model: Mapping[str, Any], *needed: str) -> dict[str, Any]:
    meta: dict[str, Any] = (model["config"].get("meta") or {}).get("weir") or {}
    missing = [key for key in needed if key not in meta]
    if missing:
        raise WeirError(
            f"The dbt model `{model['name']}` ({model['original_file_path']}) lacks"
            f" `meta.weir.{missing[0]}`.",
            f"Add it under `config: meta: weir:` in the model's YAML; needed: {', '.join(needed)}.",
        )
    return meta


def _event_log(model: Mapping[str, Any], codes: Mapping[str, str], landing: Grain) -> Node:
    meta = _meta(model, "event", "tier")
    return Node(
        f"event_log/{model['name']}",
        Kind.EVENT_LOG,
        landing,
        events=(meta["event"],),
        tier=meta["tier"],
        unique_id=model["unique_id"],
        code=codes[model["unique_id"]],
        column=model["config"]["partition_column"],
        meta=meta,
    )


def _fact(
    model: Mapping[str, Any],
    codes: Mapping[str, str],
    logs: Mapping[str, Node],
    tests: Iterable[Mapping[str, Any]],
) -> Node:
    contract = fact_of(model, tests)
    parents = [logs[uid] for uid in model["depends_on"]["nodes"] if uid in logs]
    last = label_of(contract.end) if contract.end else None
    return Node(
        f"fact/{model['name']}",
        Kind.FACT,
        Grain.DAY,
        events=tuple(sorted(event for log in parents for event in log.events)),
        fact=model["name"],
        zone=contract.zone,
        start=label_of(contract.start),
        end=grains.shift(last, Grain.DAY, 1) if last else None,
        unique_id=model["unique_id"],
        code="-".join([codes[model["unique_id"]], *(log.code for log in parents)]),
        column=model["config"]["partition_column"],
        meta=_meta(model),
        behind=tuple(log.asset for log in parents),
    )


def _code_behind(model: Mapping[str, Any], models: Mapping[str, Any]) -> list[str]:
    """Return dbt's ids of the layer's models that a layer's model reads."""
    read = set(model["depends_on"]["nodes"]) & models.keys()
    return sorted(uid for uid in read if layer_of(uid.split(".")[-1]))


def _of_contract(code: str, meta: Mapping[str, Any]) -> str:
    """Return a layer's own code with the contract of its fact, which decides its SQL; not its bounds."""
    said = sorted((k, str(v)) for k, v in meta.items() if k not in ("start", "end"))
    return hashlib.blake2b(f"{code}{said}".encode(), digest_size=8).hexdigest()


def _layer(
    model: Mapping[str, Any],
    behind: list[str],
    codes: Mapping[str, str],
    facts: Mapping[str, Node],
) -> Node:
    layer = layer_of(str(model["name"]))
    parent = facts.get(layer.fact) if layer else None
    if layer is None or parent is None:
        raise WeirError(
            f"The dbt model `{model['name']}` is in models/activation, but its name is none of a fact's"
            " layer.",
            "Name it `<fact>_activation_<daily|weekly|monthly>`, as `weir activation add` does;"
            f" facts: {', '.join(sorted(facts)) or 'none'}.",
        )
    kind = Kind(layer.part)
    period = grains.of_layer(layer.grain, parent.meta.get("week_start", "monday"))
    grain = CHECKPOINT_OF[period.unit] if kind is Kind.CHECKPOINT else period
    return Node(
        f"activation/{model['name']}",
        kind,
        grain,
        events=parent.events,
        fact=parent.table,
        zone=parent.zone,
        start=grains.floor(parent.start, grain) if parent.start else None,
        end=grains.shift(grains.floor(grains.shift(parent.end, Grain.DAY, -1), grain), grain, 1)
        if parent.end
        else None,
        unique_id=model["unique_id"],
        code="-".join(_of_contract(codes[u], parent.meta) for u in (model["unique_id"], *behind)),
        column=model["config"]["partition_column"],
        meta=parent.meta,
        counts=period,
        behind=tuple(f"activation/{uid.split('.')[-1]}" for uid in behind),
    )


def label_of(value: Any) -> datetime:
    """Return the label of a day as YAML gives it: a date, or its text."""
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - labels are naive
    return grains.parse(str(value), Grain.DAY)


def find(nodes: Iterable[Node], name: str) -> Node:
    """Return the asset of a name: `stage/table`, or the table alone where one asset has it.

    Raises:
        NotFound: if there is none, or several.
    """
    every = {node.asset: node for node in nodes}
    if name in every:
        return every[name]
    found = [node for node in every.values() if node.table == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound("single asset", name, [node.asset for node in found])
    by_table = {node.table: node.asset for node in every.values()}
    raise NotFound("asset", name, [*every, *by_table] if "/" not in name else list(every))
