"""What checks found, as it is kept in the lake: one row per run and asset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Report:
    """What one run found of one asset, and what it built outside the lake.

    Attributes:
        run: Dagster's run id.
        asset: key as `schema/table`.
        grain: grain of the keys.
        first, last: the first and the last partition that was looked at; all between were too.
        body: `checks`: name → `{"blocking": bool, "failing": {key: detail}}`; `keys` where they are
            not all from first to last; `seen`: landing partition → the version that Dagster was told;
            `partitions`, as in an entry of a commit, for what is no part of the lake.
    """

    run: str
    asset: str
    grain: str
    first: str
    last: str
    body: Mapping[str, Any]

    def as_entry(self) -> dict[str, Any]:
        """Return it in the form of a commit's entry."""
        named = ("run", "asset", "grain", "first", "last")
        return {**{name: getattr(self, name) for name in named}, **self.body}
