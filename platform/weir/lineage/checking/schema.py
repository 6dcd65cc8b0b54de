"""Compares columns: of files with the catalogue, of a table with what its model declares. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from weir.engines.storage import Column, DataFile, Footer

_ARROW = {
    "BOOLEAN": "bool",
    "TINYINT": "int8",
    "SMALLINT": "int16",
    "INTEGER": "int32",
    "BIGINT": "int64",
    "UTINYINT": "uint8",
    "USMALLINT": "uint16",
    "UINTEGER": "uint32",
    "UBIGINT": "uint64",
    "FLOAT": "float",
    "DOUBLE": "double",
    "VARCHAR": "string",
    "DATE": "date32[day]",
    "TIMESTAMP": "timestamp[us]",
}
"""SQL type → type in a file's footer. Types that are not here are compared by name only."""
_SAME = {
    "STRING": "VARCHAR",
    "TEXT": "VARCHAR",
    "INT": "INTEGER",
    "INT64": "BIGINT",
    "BOOL": "BOOLEAN",
    "FLOAT64": "DOUBLE",
    "NUMERIC": "DECIMAL",
    "DATETIME": "TIMESTAMP",
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


def file_differs(columns: Sequence[Column], file: DataFile, footer: Footer) -> str:
    """Return how a file's columns differ from the table's; '' if they do not.

    A column that was added after the file was written is NULL there, and no difference.

    >>> columns = [Column(1, "n", "BIGINT")]
    >>> file_differs(columns, DataFile("f", 1, 1), Footer(1, {1: ("n", "string")}))
    'f: column `n` is string, the table says BIGINT'
    """
    for column in columns:
        found = footer.columns.get(column.number) or _by_name(footer, column.name)
        if found is None:
            if column.snapshot <= file.snapshot:
                return f"{file.path}: column `{column.name}` is not in the file"
            continue
        wanted = _arrow(column.kind)
        if wanted and found[1] not in (wanted, f"large_{wanted}"):
            return (
                f"{file.path}: column `{column.name}` is {found[1]}, the table says {column.kind}"
            )
    return ""


def table_differs(declared: Mapping[str, str], columns: Sequence[Column]) -> str:
    """Return how a table's columns differ from those that its model declares; '' if they do not.

    >>> table_differs({"n": "bigint", "s": "string"}, [Column(1, "n", "BIGINT")])
    'column `s` is not in the table'
    """
    there = {column.name.lower(): column.kind for column in columns}
    for name, kind in declared.items():
        found = there.get(name.lower())
        if found is None:
            return f"column `{name}` is not in the table"
        if kind and _plain(found) != _plain(kind):
            return f"column `{name}` is {found}, the model says {kind}"
    return ""


def _by_name(footer: Footer, name: str) -> tuple[str, str] | None:
    return footer.columns.get(name)


def _arrow(kind: str) -> str:
    decimal = _DECIMAL.fullmatch(kind)
    return f"decimal128({decimal[1]}, {decimal[2]})" if decimal else _ARROW.get(kind, "")


def _plain(kind: str) -> str:
    """Return a type's name without its arguments, in DuckDB's word for it."""
    name = kind.upper().partition("(")[0].strip()
    return _SAME.get(name, name)
