"""What the code of one model is: enough to compare it with a later version, without its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ModelCode:
    """One version of a model's code.

    Attributes:
        asset: `schema/table`.
        code: the version as the ledger calls it (`weir.lineage.nodes.code_of`); no part of the digest.
        sql: its compiled SELECT over a fixed range, as if every input were there.
        columns: its columns → their declared types, '' where none is declared.
        inputs: what it reads → the columns of that.
        meta: its `meta.weir` and what decides how it is stored.
        dialect: sqlglot's name of the engine.
    """

    asset: str
    code: str
    sql: str
    columns: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    dialect: str = "duckdb"

    @property
    def digest(self) -> str:
        """A digest of all but the name of the version: equal code has one."""
        return hashlib.blake2b(self.text().encode(), digest_size=16).hexdigest()

    def text(self) -> str:
        """Return the code as JSON text without the version's name."""
        values = {
            "asset": self.asset,
            "sql": self.sql,
            "columns": dict(self.columns),
            "inputs": {asset: list(columns) for asset, columns in self.inputs.items()},
            "meta": dict(self.meta),
            "dialect": self.dialect,
        }
        return json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)

    @classmethod
    def parse(cls, text: str, code: str) -> ModelCode:
        """Return the code of `text`, as the version `code`."""
        return cls(code=code, **json.loads(text))
