"""Follows all models of a project, each once, in an order in which every input is known before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any

from weir.lineage.columns.fixed import fixed_lineages
from weir.lineage.columns.flows import Lineage, Unresolved
from weir.lineage.columns.model_code import ModelCode
from weir.lineage.columns.parsing import tables_of
from weir.lineage.columns.trace import trace


@dataclass(frozen=True)
class Source:
    """A compiled model or view.

    Attributes:
        asset: `schema/table`.
        code: the version of its code.
        sql: its compiled SELECT, '' where it could not be compiled.
        declared: its described columns → their types.
        meta: its `meta.weir` and what decides how it is stored.
        failed: why it could not be compiled.
    """

    asset: str
    code: str
    sql: str
    declared: Mapping[str, str] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    failed: str = ""


@dataclass(frozen=True)
class Followed:
    """A model that was followed, and what that stands on: used again while both are the same."""

    sql: str
    inputs: str
    lineage: Lineage


@dataclass
class Assembled:
    """All models of a project, followed."""

    codes: dict[str, ModelCode] = field(default_factory=dict)
    followed: dict[str, Followed] = field(default_factory=dict)

    def lineages(self) -> dict[str, Lineage]:
        """Return the lineage of every asset, those that no model makes included."""
        return {**fixed_lineages(), **{a: one.lineage for a, one in self.followed.items()}}


def assemble(
    sources: Iterable[Source], known: Mapping[str, Followed] | None = None, dialect: str = "duckdb"
) -> Assembled:
    """Follow all models.

    Args:
        sources: the models and views.
        known: asset → what was followed before; used where SQL and inputs are still the same.
        dialect: sqlglot's name of the engine.
    """
    known, done = known or {}, Assembled()
    by_asset = {source.asset: source for source in sources}
    columns = {asset: list(one.columns) for asset, one in fixed_lineages().items()}
    reads = {asset: _reads(source, known, dialect) for asset, source in by_asset.items()}
    for asset in _in_order(reads):
        source = by_asset[asset]
        inputs = {read: columns[read] for read in sorted(reads[asset]) if read in columns}
        if asset in reads[asset]:  # a model that goes on from its own partitions
            inputs[asset] = list(source.declared)
        before = known.get(asset)
        stands_on = _hash(repr(inputs))
        if before is None or (before.sql, before.inputs) != (_hash(source.sql), stands_on):
            before = Followed(_hash(source.sql), stands_on, _follow(source, inputs, dialect))
        done.followed[asset] = before
        columns[asset] = list(before.lineage.columns) or list(source.declared)
        done.codes[asset] = ModelCode(
            asset,
            source.code,
            source.sql,
            {name: source.declared.get(name, "") for name in columns[asset]},
            inputs,
            source.meta,
            dialect,
        )
    return done


def _follow(source: Source, inputs: Mapping[str, Sequence[str]], dialect: str) -> Lineage:
    if source.failed:
        return Lineage({}, reads=frozenset(inputs), unresolved=(Unresolved("", source.failed),))
    found = trace(source.sql, inputs, dialect=dialect)
    if found.columns:
        return found
    declared = dict.fromkeys(source.declared, frozenset[Any]())  # known by name, at least
    return Lineage(declared, reads=found.reads, unresolved=found.unresolved)


def _reads(source: Source, known: Mapping[str, Followed], dialect: str) -> frozenset[str]:
    before = known.get(source.asset)
    if before is not None and before.sql == _hash(source.sql):
        return before.lineage.reads
    return tables_of(source.sql, dialect) if source.sql else frozenset()


def _in_order(reads: Mapping[str, frozenset[str]]) -> Iterable[str]:
    """Return the models so that each comes after those that it reads, itself left out."""
    order = TopologicalSorter(
        {asset: sorted(found & reads.keys() - {asset}) for asset, found in sorted(reads.items())}
    )
    return order.static_order()


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
