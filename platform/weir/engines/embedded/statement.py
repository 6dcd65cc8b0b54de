"""What one SQL statement reads, from DuckDB's own syntax tree. It decides; it runs nothing.

Everything that is not known to be harmless is refused: relations outside the lake's schemas,
table functions outside a short list, and every statement that DuckDB does not parse as a SELECT.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

from weir.engines.embedded.schema import SCHEMAS

TABLE_FUNCTIONS = frozenset(
    [
        "duckdb_columns",
        "duckdb_constraints",
        "duckdb_functions",
        "duckdb_keywords",
        "duckdb_schemas",
        "duckdb_tables",
        "duckdb_types",
        "duckdb_views",
        "generate_series",
        "histogram",
        "histogram_values",
        "json_each",
        "json_tree",
        "pragma_table_info",
        "range",
        "repeat",
        "repeat_row",
        "summary",
        "unnest",
    ]
)
_FUNCTIONS = frozenset({"write_log", "getenv", "nextval", "sleep_ms"})
_FUNCTION_PREFIXES = ("ducklake_", "postgres_", "read_", "sqlite_")
_BUILT_IN = ("duckdb_", "pragma_", "pg_", "sqlite_")  # views that no CTE may take the name of
_SHOWN = frozenset({"__show_tables_expanded", '"tables"', '"databases"', '"schemas"'})
_GAP = r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)"
_EXPLAIN = re.compile(
    rf"{_GAP}*explain\b(?P<analyze>{_GAP}+analyze\b)?(?P<inner>.*)", re.IGNORECASE | re.DOTALL
)

_VALUES = re.compile(
    r"""(?P<name>"(?:[^"]|"")*"|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"""  # kept as it is
    r"""|--[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^']|'')*(?:'|\Z)"""
    r"""|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z)|\d[\w.]*""",
    re.DOTALL,
)


def checked(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """Return the statement to run: `text`, or EXPLAIN [ANALYZE] of the query that was checked.

    An EXPLAIN is put together anew around a query that is a SELECT when it stands alone, so
    that what runs can be nothing else, whatever was written before it.

    Raises:
        ValueError: if it is not one statement that only reads the lake.
        duckdb.Error: if it cannot be parsed.
    """
    statements = connection.extract_statements(text)
    if len(statements) != 1:
        raise ValueError(f"{len(statements)} statements.")
    kind = statements[0].type
    if kind == duckdb.StatementType.SELECT:
        _check(connection, text)
        return text
    found = _EXPLAIN.fullmatch(text) if kind == duckdb.StatementType.EXPLAIN else None
    if found is None:
        raise ValueError(f"a {kind.name} statement.")
    _check(connection, found["inner"])
    return f"EXPLAIN {'ANALYZE ' if found['analyze'] else ''}{found['inner']}"


def shape(text: str) -> str:
    r"""Return a statement without its values and comments: what may be kept in a log.

    >>> shape("select * from fact.x -- mine\nwhere user_id = 'it''s' and n > 1.5")
    'select * from fact.x where user_id = ? and n > ?'
    """
    return " ".join(_VALUES.sub(lambda found: found["name"] or _masked(found[0]), text).split())


def _masked(part: str) -> str:
    return " " if part.startswith(("--", "/*")) else "?"


def digest(text: str) -> str:
    """Return 12 hex digits that two statements share if they differ in values alone."""
    return hashlib.blake2b(shape(text).lower().encode(), digest_size=6).hexdigest()


def tables_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[int, str, str]]:
    """Return the lake's tables that one SELECT names: (place in bytes, schema, table).

    Raises:
        ValueError: if it is not one SELECT that only reads the lake.
        duckdb.Error: if it cannot be parsed.
    """
    statements = connection.extract_statements(query)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise ValueError("it is not one SELECT.")
    return [
        (int(node["query_location"]), node["schema_name"], node["table_name"])
        for node in _check(connection, query)
        if node.get("type") == "BASE_TABLE" and node.get("schema_name")
    ]


def _check(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """Raise ValueError unless `query` is one SELECT that reads what it may; return its nodes."""
    row = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchone()
    assert row is not None
    try:
        tree = json.loads(row[0])
    except RecursionError:
        raise ValueError("it is nested too deeply.") from None
    if tree["error"] or len(tree["statements"]) != 1:
        raise ValueError("it is not one query.")
    nodes = list(_nodes(tree))
    named = {entry["key"].lower() for node in nodes for entry in _ctes(node)}
    taken = sorted(name for name in named if name.startswith(_BUILT_IN))
    if taken:
        raise ValueError(f"the name `{taken[0]}` is a built-in one.")
    for node in nodes:
        _check_node(node, named)
    return nodes


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a JSON tree."""
    waiting = [tree]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _ctes(node: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (node.get("cte_map") or {}).get("map", [])
    return found


def _check_node(node: dict[str, Any], named: set[str]) -> None:
    if node.get("type") == "BASE_TABLE":
        _check_table(node, named)
    elif node.get("type") == "TABLE_FUNCTION":
        name = node["function"]["function_name"].lower()
        if name not in TABLE_FUNCTIONS:
            raise ValueError(f"the table function `{name}`.")
    elif node.get("type") == "SHOW_REF":
        table = node.get("table_name", "")
        if table and table not in _SHOWN:
            raise ValueError(f"SHOW {table}.")
    elif node.get("class") == "FUNCTION":
        name = node["function_name"].lower()
        if name in _FUNCTIONS or name.startswith(_FUNCTION_PREFIXES):
            raise ValueError(f"the function `{name}`.")


def _check_table(node: dict[str, Any], named: set[str]) -> None:
    catalog, schema, table = (
        node.get(key, "").lower() for key in ("catalog_name", "schema_name", "table_name")
    )
    fine = (
        (not catalog and not schema and table in named)
        or (schema in SCHEMAS and catalog in {"", "lake"})
        or (schema == "information_schema" and catalog in {"", "lake", "system"})
    )
    if not fine:
        name = ".".join(part for part in (catalog, schema, table) if part)
        raise ValueError(f"`{name}` is no table of {', '.join(SCHEMAS)}.")
