"""Follows every column of one model to the columns that it comes from, in one pass over its SQL.

A column that flows into the value of another is told from one that decides which rows there are.
What an inner query filters, joins or groups by decides the rows of all that reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from weir.lineage.columns.flows import Lineage, Ref, Unresolved, Use
from weir.lineage.columns.parsing import (
    Scope,
    Unreadable,
    asset_of,
    exp,
    scope_of,
    stored_in,
    tables_of,
)
from weir.lineage.columns.places import place_of

Rows = frozenset[tuple[Ref, Use]]
_ANY = "*"  # the columns of rows made out of values, whatever they are called
_LIMITS = ("limit", "offset", "fetch")
_ROUNDS = 20  # of a recursive query: each brings in columns that the round before could not see


@dataclass(frozen=True)
class Flow:
    """What flows into one column of a query.

    Attributes:
        refs: the stored columns.
        plain: it is one value handed on, so that a place in it is a place in its source.
    """

    refs: frozenset[Ref]
    plain: bool = False


@dataclass
class Traced:
    """One query inside a model's SQL, followed."""

    columns: dict[str, Flow] = field(default_factory=dict)
    rows: Rows = frozenset()


def trace(sql: str, inputs: Mapping[str, Sequence[str]], *, dialect: str = "duckdb") -> Lineage:
    """Return where the columns of a model come from.

    Args:
        sql: the compiled SELECT.
        inputs: asset (`schema/table`) → names of its columns, of all that the model reads.
        dialect: sqlglot's name of the engine.

    What cannot be followed is in `unresolved`; nothing is raised.
    """
    try:
        tracer = _Tracer(scope_of(sql, inputs, dialect), inputs)
        done = tracer.result()
    except (Unreadable, RecursionError) as why:
        told = (Unresolved("", str(why)),)
        return Lineage({}, reads=tables_of(sql, dialect), unresolved=told)
    columns = {name: flow.refs for name, flow in done.columns.items()}
    return Lineage(columns, done.rows, stored_in(tracer.root.expression), tuple(tracer.unresolved))


class _Tracer:
    """Follows one model.

    Args:
        root: its outermost query.
        inputs: asset → its columns.
    """

    def __init__(self, root: Scope, inputs: Mapping[str, Sequence[str]]) -> None:
        self.root, self.inputs = root, inputs
        self.done: dict[int, Traced] = {}
        self.before: dict[int, Traced] = {}  # the round before, of a recursive query
        self.recursive = False
        self.unresolved: dict[Unresolved, None] = {}
        self.column = ""  # the column of the model that is followed

    def result(self) -> Traced:
        """Follow the model; a recursive query until nothing new comes in."""
        for _ in range(_ROUNDS):
            self.done, self.unresolved = {}, {}
            found = self.query(self.root)
            if not self.recursive or self.done == self.before:
                return found
            self.before = self.done
        raise Unreadable("a recursive query brings in new columns again and again")

    def query(self, scope: Scope) -> Traced:
        """Follow one query."""
        own = scope.expression
        if scope.is_cte and isinstance(
            own.parent, exp.SetOperation
        ):  # a recursive query's own name
            self.recursive = True
            if id(own.parent) in self.before:
                return self.before[id(own.parent)]
        if id(own) not in self.done:
            self.done[id(own)] = (
                self._union(scope) if isinstance(own, exp.SetOperation) else self._select(scope)
            )
        return self.done[id(own)]

    def _union(self, scope: Scope) -> Traced:
        operation = scope.expression
        parts = [self.query(part) for part in scope.set_operation_scopes]
        by_name = bool(operation.args.get("by_name"))
        columns = _by_name(parts) if by_name else _by_place(parts)
        rows: Rows = frozenset().union(*(part.rows for part in parts))
        if operation.args.get("distinct") or not isinstance(operation, exp.Union):
            rows |= _deciding(Use.GROUP, *(flow.refs for flow in columns.values()))
        return Traced(columns, rows)

    def _select(self, scope: Scope) -> Traced:
        select = scope.expression
        if not isinstance(select, exp.Select):
            return self._made(scope)
        rows = self._rows(scope, select)  # first, so that its failures are not one column's
        columns: dict[str, Flow] = {}
        for projection in select.selects:
            name = projection.alias_or_name
            self.column = name if scope is self.root else self.column
            if projection.is_star or projection.find(exp.Columns):
                self._fail(f"only the engine knows the columns of `{projection.sql()}`")
            columns[name] = self._flow(scope, projection)
        self.column = "" if scope is self.root else self.column
        return Traced(columns, rows | _of_projections(select, columns))

    def _made(self, scope: Scope) -> Traced:
        """Follow what makes rows out of values: UNNEST, LATERAL, VALUES."""
        used = frozenset(self._refs(scope, scope.expression))
        names = [*scope.expression.alias_column_names, *scope.outer_columns]
        made = dict.fromkeys(names, Flow(used))
        return Traced({**made, _ANY: Flow(used)}, _deciding(Use.JOIN, used))

    def _flow(self, scope: Scope, projection: exp.Expr) -> Flow:
        place = place_of(projection)
        if place is not None:
            return self._place(scope, *place)
        return Flow(frozenset(self._refs(scope, projection)))

    def _rows(self, scope: Scope, select: exp.Select) -> Rows:
        """Return what decides the rows of a query: its sources' rows and its own clauses."""
        rows = set[tuple[Ref, Use]]()
        for node, source in scope.selected_sources.values():
            if isinstance(source, Scope):
                rows |= self.query(source).rows
            elif isinstance(source.this, exp.Func):
                rows |= _deciding(Use.JOIN, frozenset(self._refs(scope, source.this)))
            if node.args.get("pivots"):
                raise Unreadable("it pivots")
        for clause, use in _clauses(select):
            rows |= _deciding(use, frozenset(self._refs(scope, clause)))
        return frozenset(rows)

    def _refs(self, scope: Scope, node: exp.Expr) -> Iterator[Ref]:
        """Yield the stored columns that an expression reads, those of its subqueries included."""
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if isinstance(one, exp.Select | exp.SetOperation):
                yield from self._subquery(scope, one)
            elif (place := place_of(one)) is not None:
                yield from self._place(scope, *place).refs
            else:
                waiting += one.iter_expressions()

    def _subquery(self, scope: Scope, query: exp.Expr) -> Iterator[Ref]:
        found = next((s for s in scope.subquery_scopes if s.expression is query), None)
        if found is None:
            self._fail(f"a subquery is not understood: `{query.sql()[:60]}`")
            return
        done = self.query(found)
        for flow in done.columns.values():
            yield from flow.refs
        yield from (ref for ref, _ in done.rows)

    def _place(self, scope: Scope, column: exp.Column, path: str) -> Flow:
        """Return what flows into a place of a column."""
        source = _source(scope, column.table)
        if isinstance(source, Scope):
            columns = self.query(source).columns
            flow = columns.get(column.name) or columns.get(_ANY)
            return _inside(flow, path) if flow else self._unknown(column)
        if isinstance(source, exp.Table):
            return self._stored(scope, source, column, path)
        named = _projection(scope, column.name) if not column.table else None
        return self._flow(scope, named) if named is not None else self._unknown(column)

    def _stored(self, scope: Scope, table: exp.Table, column: exp.Column, path: str) -> Flow:
        if isinstance(table.this, exp.Func):
            return Flow(frozenset(self._refs(scope, table.this)))
        asset = asset_of(table)
        if column.name not in self.inputs.get(asset, ()):
            return self._unknown(column)
        return Flow(frozenset({Ref(asset, column.name, path)}), plain=True)

    def _unknown(self, column: exp.Column) -> Flow:
        self._fail(f"`{column.sql()}` is a column of no known table")
        return Flow(frozenset())

    def _fail(self, reason: str) -> None:
        self.unresolved[Unresolved(self.column, reason)] = None


def _source(scope: Scope | None, name: str) -> Scope | exp.Table | None:
    """Return what a name stands for in a query or in one around it."""
    while scope is not None and name:
        if name in scope.sources:
            return scope.sources[name]
        scope = scope.parent
    return None


def _projection(scope: Scope, name: str) -> exp.Expr | None:
    """Return the expression that a bare name stands for after ORDER BY."""
    named = getattr(scope.expression, "selects", [])
    return next((p.this for p in named if isinstance(p, exp.Alias) and p.alias == name), None)


def _inside(flow: Flow, path: str) -> Flow:
    if not path:
        return flow
    if not flow.plain:
        return Flow(flow.refs)
    return Flow(frozenset(ref._replace(path=ref.path + path) for ref in flow.refs), plain=True)


def _by_place(parts: Sequence[Traced]) -> dict[str, Flow]:
    flows = zip(*(part.columns.values() for part in parts), strict=False)
    return {name: _joined(found) for name, found in zip(parts[0].columns, flows, strict=False)}


def _by_name(parts: Sequence[Traced]) -> dict[str, Flow]:
    names = dict.fromkeys(name for part in parts for name in part.columns)
    return {name: _joined([p.columns[name] for p in parts if name in p.columns]) for name in names}


def _joined(flows: Sequence[Flow]) -> Flow:
    return Flow(frozenset().union(*(f.refs for f in flows)), plain=all(f.plain for f in flows))


def _deciding(use: Use, *refs: frozenset[Ref]) -> Rows:
    return frozenset((ref, use) for some in refs for ref in some)


def _clauses(select: exp.Select) -> Iterator[tuple[exp.Expr, Use]]:
    """Yield the clauses of a query that decide its rows."""
    of = {"where": Use.FILTER, "having": Use.FILTER, "qualify": Use.FILTER, "group": Use.GROUP}
    for name, use in of.items():
        if (clause := select.args.get(name)) is not None:
            yield clause, use
    for join in select.args.get("joins") or []:
        for name in ("on", "match_condition"):
            if (clause := join.args.get(name)) is not None:
                yield clause, Use.JOIN
    distinct, order = select.args.get("distinct"), select.args.get("order")
    chosen = distinct.args.get("on") if distinct is not None else None
    if chosen is not None:
        yield chosen, Use.GROUP
    if order is not None and (chosen or any(select.args.get(n) for n in _LIMITS)):
        yield order, Use.FILTER


def _of_projections(select: exp.Select, columns: Mapping[str, Flow]) -> Rows:
    """Return what decides rows because it stands in the list of columns."""
    distinct, group = select.args.get("distinct"), select.args.get("group")
    rows: Rows = frozenset()
    if distinct is not None and not distinct.args.get("on"):
        rows |= _deciding(Use.GROUP, *(flow.refs for flow in columns.values()))
    for projection in select.selects:
        refs = columns[projection.alias_or_name].refs
        if group is not None and group.args.get("all") and not projection.find(exp.AggFunc):
            rows |= _deciding(Use.GROUP, refs)
        if projection.find(exp.Explode, exp.Unnest):
            rows |= _deciding(Use.JOIN, refs)
    return rows
