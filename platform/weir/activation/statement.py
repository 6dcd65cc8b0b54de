"""One query of the analysis: what is run, and the same as one text that anybody can run again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

_NAMED = re.compile(r"\$(\w+)(::DATE)?")


@dataclass(frozen=True)
class Statement:
    """A query with named parameters (`$name`).

    Attributes:
        sql: the text.
        given: values of the parameters: dates, numbers, text.
        before: `WITH` entries that the text reads, if its tables are computed and not stored.
    """

    sql: str
    given: Mapping[str, Any]
    before: str = ""

    def run(self, con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        """Return all rows."""
        return con.execute(self.sql, dict(self.given)).fetchall()

    @property
    def text(self) -> str:
        """The query with its values written in, to be read, copied and run.

        >>> Statement("SELECT $at::DATE, $dim", {"at": date(2026, 1, 5), "dim": "it's"}).text
        "SELECT DATE '2026-01-05', 'it''s'"
        """
        text = _NAMED.sub(lambda found: _literal(self.given[found[1]]), self.sql.strip())
        if not self.before:
            return text
        rest = text[4:].lstrip() if text[:4].upper() == "WITH" else None
        return f"WITH {self.before},\n{rest}" if rest else f"WITH {self.before}\n{text}"


def _literal(value: Any) -> str:
    if isinstance(value, date):
        return f"DATE '{value}'"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
