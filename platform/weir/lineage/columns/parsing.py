"""SQL as a tree whose columns all name their table: what tracing and comparing both start from."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

with warnings.catch_warnings():  # sqlglotrs, an extra of another package, warns on import
    warnings.simplefilter("ignore", DeprecationWarning)
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import Scope, build_scope
    from sqlglot.schema import MappingSchema

__all__ = ["Scope", "Unreadable", "asset_of", "exp", "scope_of", "stored_in", "tables_of"]


class Unreadable(Exception):
    """The SQL cannot be followed; the message says why."""


def asset_of(table: exp.Table) -> str:
    """Return `schema/table`: the asset of a table, whatever its catalogue is called."""
    return f"{table.db}/{table.name}".lower().lstrip("/")


def scope_of(sql: str, inputs: Mapping[str, Sequence[str]], dialect: str) -> Scope:
    """Return the root scope of a query: stars expanded, every column with its table.

    Args:
        sql: one SELECT.
        inputs: asset → names of its columns, of everything that the query may read.
        dialect: sqlglot's name of the engine.

    Raises:
        Unreadable: if it is no such query, or reads what `inputs` does not have.
    """
    try:
        (statement,) = sqlglot.parse(sql, read=dialect)
        if not isinstance(statement, exp.Query):
            raise Unreadable("it is no SELECT")
        _known(statement, inputs)
        tree = qualify(
            statement,
            schema=_schema(statement, inputs, dialect),
            dialect=dialect,
            quote_identifiers=False,
            validate_qualify_columns=False,
        )
        scope = build_scope(tree)
    except SqlglotError as error:
        raise Unreadable(str(error).splitlines()[0]) from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the parser gave up: {error}") from error
    if scope is None:
        raise Unreadable("it is no SELECT")
    return scope


def tables_of(sql: str, dialect: str) -> frozenset[str]:
    """Return the assets that a query names, none if it cannot be parsed."""
    try:
        statements = sqlglot.parse(sql, read=dialect)
    except (SqlglotError, RecursionError):
        return frozenset()
    return frozenset().union(*(stored_in(one) for one in statements if one is not None))


def stored_in(statement: exp.Expr) -> frozenset[str]:
    """Return the assets that a parsed query names."""
    return frozenset(asset_of(table) for table in statement.find_all(exp.Table) if table.db)


def _is_stored(table: exp.Table, inputs: Mapping[str, Sequence[str]]) -> bool:
    """Tell a stored table from a common table expression and from a function."""
    return bool(table.db) or asset_of(table) in inputs


def _known(statement: exp.Expr, inputs: Mapping[str, Sequence[str]]) -> None:
    for table in statement.find_all(exp.Table):
        if _is_stored(table, inputs) and asset_of(table) not in inputs:
            raise Unreadable(f"it reads `{asset_of(table)}`, whose columns are not known")


def _schema(
    statement: exp.Expr, inputs: Mapping[str, Sequence[str]], dialect: str
) -> MappingSchema:
    """Return the columns of the query's own tables: sqlglot goes through all that it is given."""
    schema = MappingSchema(dialect=dialect)
    for table in statement.find_all(exp.Table):
        if _is_stored(table, inputs):
            columns = dict.fromkeys(inputs[asset_of(table)], "unknown")
            parts = exp.table_(table.name, db=table.db or None, catalog=table.catalog or None)
            schema.add_table(parts, columns, dialect=dialect, match_depth=False)
    return schema
