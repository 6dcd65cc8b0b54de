"""Fingerprints of a model's columns and of what decides its rows, through all steps of its SQL.

A column's fingerprint is its expression with every inner column replaced by that column's own: renamed
steps and aliases do not show, nor do columns of steps that nobody reads. An aggregate or a window also
carries what its rows are. Equal fingerprints mean equal code; different ones may still mean equal rows.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from weir.lineage.columns.canonical import Special, conditions, text_of
from weir.lineage.columns.model_code import ModelCode
from weir.lineage.columns.parsing import Scope, Unreadable, asset_of, exp, scope_of
from weir.registry.evolution.structures import Structure

_OF_ROWS = (exp.AggFunc, exp.Window, exp.Anonymous, exp.AnonymousAggFunc)


@dataclass(frozen=True)
class Print:
    """The fingerprint of one column.

    Attributes:
        whole: of its expression.
        bare: of its expression without the type that it is cast to at last.
        kind: that type: SQL's text, or the structure that JSON is read as; None without one.
        base: where JSON is read as a structure, the print of the JSON.
    """

    whole: str
    bare: str
    kind: str | Structure | None = None
    base: str = ""


@dataclass
class Prints:
    """The fingerprints of one query.

    Attributes:
        columns: its columns'.
        rows: that of what decides its rows.
    """

    columns: dict[str, Print] = field(default_factory=dict)
    rows: str = ""


@dataclass
class ModelPrints(Prints):
    """The fingerprints of one model.

    Attributes:
        clauses: what decides rows, by what it is called, of all its steps.
    """

    clauses: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def prints_of(code: ModelCode) -> ModelPrints:
    """Return the fingerprints of a model's code.

    Raises:
        Unreadable: if its SQL cannot be followed.
    """
    printer = _Printer(scope_of(code.sql, code.inputs, code.dialect))
    try:
        found = printer.query(printer.root)
    except RecursionError as error:
        raise Unreadable("it is nested too deeply") from error
    return ModelPrints(found.columns, found.rows, printer.clauses)


class _Printer:
    def __init__(self, root: Scope) -> None:
        self.root = root
        self.done: dict[int, Prints] = {}
        self.clauses: dict[str, set[str]] = defaultdict(set)

    def query(self, scope: Scope) -> Prints:
        own = scope.expression
        if id(own) not in self.done:
            if scope.is_cte and isinstance(own.parent, exp.SetOperation):
                raise Unreadable("it is recursive")
            if isinstance(own, exp.SetOperation):
                self.done[id(own)] = self._union(scope)
            elif isinstance(own, exp.Select):
                self.done[id(own)] = self._select(scope, own)
            else:
                made = _hash("made", self.text(scope, own))
                self.done[id(own)] = Prints(defaultdict(lambda: Print(made, made)), made)
        return self.done[id(own)]

    def text(self, scope: Scope, node: exp.Expr, rows: str = "") -> str:
        """Return the canonical text of an expression inside a query.

        Args:
            scope: the query.
            node: the expression.
            rows: what decides the rows that aggregates and windows are made of.
        """
        return text_of(node, self._special(scope, rows))

    def _special(self, scope: Scope, rows: str = "") -> Special:
        """Return what writes the parts of an expression that depend on the query around it."""

        def special(one: exp.Expr) -> str | None:
            if (typed := self._typed(scope, one)) is not None:
                return _hash("json", typed[0], json.dumps(typed[1]))
            if isinstance(one, exp.Column):
                return self._column(scope, one).whole
            if isinstance(one, exp.Select | exp.SetOperation):
                return self._subquery(scope, one)
            if isinstance(one, _OF_ROWS) and not isinstance(one.parent, exp.Window):
                inner = text_of(one, lambda n: None if n is one else special(n))
                return _hash("of", rows, inner)
            return None

        return special

    def _subquery(self, scope: Scope, query: exp.Expr) -> str:
        found = next((s for s in scope.subquery_scopes if s.expression is query), None)
        if found is None:
            raise Unreadable(f"a subquery is not understood: `{query.sql()[:60]}`")
        done = self.query(found)
        return _hash("query", done.rows, *(one.whole for one in done.columns.values()))

    def _column(self, scope: Scope, column: exp.Column) -> Print:
        place, many, source = _source(scope, column.table)
        if isinstance(source, Scope):
            found = self.query(source).columns.get(column.name) or self._made(source)
        elif isinstance(source, exp.Table):
            name = f"{_table(source)}.{column.name}"
            found = Print(name, name)
        else:
            named = self._named(scope, column)
            return Print(named, named)
        if not many:
            return found
        whole, bare = f"{place}:{found.whole}", f"{place}:{found.bare}"
        return Print(whole, bare, found.kind, f"{place}:{found.base}" if found.base else "")

    def _made(self, source: Scope) -> Print:
        rows = self.query(source).rows
        return Print(rows, rows)

    def _named(self, scope: Scope, column: exp.Column) -> str:
        for projection in getattr(scope.expression, "selects", []):
            if not column.table and projection.alias_or_name == column.name:
                return self.text(scope, projection)
        raise Unreadable(f"`{column.sql()}` is a column of no known table")

    def _typed(self, scope: Scope, node: exp.Expr | None) -> tuple[str, Structure] | None:
        """Return the JSON that a place is read from and the structure there, if it is of `from_json`."""
        if isinstance(node, exp.Paren | exp.Alias):
            return self._typed(scope, node.this)
        if isinstance(node, exp.FromJson):
            tree = node.expression
            if isinstance(tree, exp.Literal) and (read := _structure(tree.name)) is not None:
                return self.text(scope, node.this), read
        if isinstance(node, exp.Dot):
            inner = self._typed(scope, node.this)
            if inner and isinstance(inner[1], dict) and node.expression.name in inner[1]:
                return f"{inner[0]}.{node.expression.name}", inner[1][node.expression.name]
        if isinstance(node, exp.Column):
            found = self._column(scope, node)
            if found.base and found.kind is not None:
                return found.base, found.kind
        return None

    def _print(self, scope: Scope, projection: exp.Expr, rows: str) -> Print:
        whole = self.text(scope, projection, rows)
        if (typed := self._typed(scope, projection)) is not None:
            return Print(whole, _hash("json", typed[0]), typed[1], typed[0])
        inner = projection.this if isinstance(projection, exp.Alias) else projection
        if isinstance(inner, exp.Column):
            return self._column(scope, inner)
        if isinstance(inner, exp.Cast) and not isinstance(inner, exp.TryCast):
            bare = _hash("cast", self.text(scope, inner.this, rows))
            return Print(whole, bare, inner.to.sql())
        return Print(whole, whole)

    def _select(self, scope: Scope, select: exp.Select) -> Prints:
        sources = self._sources(scope, select)
        filters = self._clause(scope, "filter", select.args.get("where"))
        simple = len(sources) == 1 and not filters
        base = sources[0] if simple else _hash("rows", *sources, "where", *filters)
        keys = self._keys(scope, select)
        grouped = base if keys is None else _hash("group", base, *keys)
        columns = {p.alias_or_name: self._print(scope, p, grouped) for p in select.selects}
        if any(p.is_star or p.find(exp.Columns) for p in select.selects):
            raise Unreadable("only the engine knows all of its columns")
        last = self._last(scope, select, columns, grouped)
        return Prints(columns, _hash("then", grouped, *last) if last else grouped)

    def _sources(self, scope: Scope, select: exp.Select) -> list[str]:
        """Return the prints of the rows that FROM and its joins bring."""
        joins = {id(join.this): join for join in select.args.get("joins") or []}
        found = []
        for node, source in scope.selected_sources.values():
            rows = self.query(source).rows if isinstance(source, Scope) else _table(source)
            if isinstance(source, exp.Table):
                self.clauses["source"].add(rows)
            if node.args.get("pivots"):
                raise Unreadable("it pivots")
            join = joins.get(id(node))
            found.append(rows if join is None else self._join(scope, join, rows))
        return found or ["nothing"]

    def _join(self, scope: Scope, join: exp.Join, rows: str) -> str:
        how = [f"{k}={join.args[k]}" for k in ("side", "kind", "method") if join.args.get(k)]
        on = [
            part
            for name in ("on", "match_condition")
            for part in conditions(join.args.get(name), self._special(scope))
        ]
        told = _hash("join", *how, rows, *on)
        self.clauses["join"].add(told)
        return told

    def _clause(self, scope: Scope, name: str, clause: exp.Expr | None) -> list[str]:
        found = conditions(clause, self._special(scope))
        self.clauses[name].update(found)
        return found

    def _keys(self, scope: Scope, select: exp.Select) -> list[str] | None:
        """Return the grouping's keys, None where nothing is grouped."""
        group = select.args.get("group")
        if group is None:
            return ["all rows"] if any(_aggregates(p) for p in select.selects) else None
        if group.args.get("all"):
            nodes: Sequence[exp.Expr] = [p for p in select.selects if not p.find(exp.AggFunc)]
        else:
            nodes = group.expressions
        keys = sorted({self.text(scope, node) for node in nodes})
        more = [name for name in ("cube", "rollup", "grouping_sets") if group.args.get(name)]
        keys += [self.text(scope, group)] if more else []
        self.clauses["grouping"].update(keys)
        return keys

    def _last(
        self, scope: Scope, select: exp.Select, columns: dict[str, Print], rows: str
    ) -> list[str]:
        """Return what decides rows after they were grouped."""
        found = []
        for name in ("having", "qualify"):
            if (clause := select.args.get(name)) is not None:
                told = f"{name} {self.text(scope, clause, rows)}"
                self.clauses["filter"].add(told)
                found.append(told)
        if (distinct := select.args.get("distinct")) is not None:
            on = [self.text(scope, distinct, rows)] if distinct.args.get("on") else []
            found += ["distinct", *(on or sorted(one.whole for one in columns.values()))]
            self.clauses["grouping"].add(_hash(*found))
        found += self._ends(scope, select, rows)
        made = [p for p in select.selects if p.find(exp.Explode, exp.Unnest)]
        return found + [self.text(scope, p, rows) for p in made]

    def _ends(self, scope: Scope, select: exp.Select, rows: str) -> list[str]:
        """Return LIMIT and the order that it goes by; the stored order alone decides no row."""
        ends = [
            select.args[n] for n in ("limit", "offset", "fetch", "sample") if select.args.get(n)
        ]
        found = [self.text(scope, end) for end in ends]
        order = select.args.get("order")
        wanted = ends or scope is not self.root or select.args.get("distinct") is not None
        if order is not None and wanted:
            found.append(self.text(scope, order, rows))
        self.clauses["limit"].update(found)
        return found

    def _union(self, scope: Scope) -> Prints:
        operation = scope.expression
        parts = [self.query(part) for part in scope.set_operation_scopes]
        if operation.args.get("by_name"):
            raise Unreadable("it unites by name")
        if len({len(part.columns) for part in parts}) > 1:
            raise Unreadable("it unites unlike columns")
        how = f"{type(operation).__name__} {bool(operation.args.get('distinct'))}"
        if isinstance(operation, exp.Union):  # its parts may change places
            parts.sort(key=lambda part: part.rows)
        names = self.query(scope.set_operation_scopes[0]).columns
        columns = {}
        for number, name in enumerate(names):
            every = [list(part.columns.values())[number] for part in parts]
            whole = _hash(how, *(one.whole for one in every))
            columns[name] = Print(whole, whole)
        rows = _hash(how, *(part.rows for part in parts))
        if operation.args.get("distinct") or not isinstance(operation, exp.Union):
            rows = _hash(rows, *(one.whole for one in columns.values()))
        return Prints(columns, rows)


def _source(scope: Scope | None, name: str) -> tuple[str, bool, Any]:
    """Return where a table's name stands, whether others stand beside it, and what it is."""
    outer = ""
    while scope is not None and name:
        if name in scope.sources:
            places = list(scope.selected_sources)
            place = places.index(name) if name in places else -1
            return f"{outer}{place}", bool(outer) or len(places) > 1, scope.sources[name]
        scope, outer = scope.parent, f"{outer}out"
    return "", False, None


def _aggregates(projection: exp.Expr) -> bool:
    """Tell whether an expression makes one row of many."""
    found = projection.find_all(exp.AggFunc, exp.AnonymousAggFunc)
    return any(
        not isinstance(one.parent, exp.Window | exp.Filter) or not one.find_ancestor(exp.Window)
        for one in found
    )


def _table(table: exp.Table) -> str:
    if isinstance(table.this, exp.Func):
        return _hash("function", table.this.sql())
    return asset_of(table)


def _structure(text: str) -> Structure | None:
    try:
        read: Structure = json.loads(text)
    except ValueError:
        return None
    return read


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()
