"""The columns of the assets before and beside the models: landing, accepted, search, Weir's own tables.

Their code is Python, so that their lineage is written down here.
"""

from __future__ import annotations

from weir.core.landing import COLUMNS, LANES, TIERS
from weir.engines.embedded.schema import ACCEPTED_COLUMNS, SYSTEM_TABLES
from weir.lineage.columns.flows import Lineage, Ref, Use

_DEDUPLICATED = (
    "event_id",
    "payload_hash",
    "received_at",
    "id_assigned",
    "lane",
    "epoch",
    "offset",
)
_CONFLICT = ("event_id", "payload_hash", "received_at")
_SEARCHED = (
    "event_id", "event_name", "event_time", "received_at", "landing_hour", "user_id", "device_id",
    "platform", "app_version", "params",
)  # fmt: skip
_SAMPLED_BY = ("event_name", "user_id", "device_id", "event_id")


def fixed_types() -> dict[str, dict[str, str]]:
    """Return the columns of every table that no model makes, with their types, by asset."""
    return {
        **{f"landing/{lane}": dict(COLUMNS) for lane in LANES},
        **{f"accepted/{tier}": dict(ACCEPTED_COLUMNS) for tier in TIERS},
        **{f"weir/{table}": dict(columns) for table, columns in SYSTEM_TABLES.items()},
    }


def fixed_lineages() -> dict[str, Lineage]:
    """Return the lineage of every asset that no model makes."""
    nothing: frozenset[Ref] = frozenset()
    sources = {
        asset: Lineage(dict.fromkeys(columns, nothing))
        for asset, columns in fixed_types().items()
        if not asset.startswith("accepted/")
    }
    return {
        **sources,
        **{f"accepted/{tier}": _accepted(f"landing/{tier}") for tier in TIERS},
        "search/events": _search(),
    }


def _accepted(landing: str) -> Lineage:
    """Valid events, each once: a row is left out if an earlier one has its id and content."""
    columns = {name: frozenset({Ref(landing, name)}) for name in ACCEPTED_COLUMNS}
    columns["id_conflict"] = frozenset(Ref(landing, name) for name in _CONFLICT)
    rows = {(Ref(landing, name), Use.JOIN) for name in _DEDUPLICATED}
    rows |= {(Ref(landing, name), Use.FILTER) for name in ("verdict", "landing_hour")}
    return Lineage(columns, frozenset(rows), frozenset({landing}))


def _search() -> Lineage:
    """A sample: which documents are kept goes by the event's policy and the hash of a key."""
    tiers = [f"accepted/{tier}" for tier in TIERS]
    columns = {name: frozenset(Ref(tier, name) for tier in tiers) for name in _SEARCHED}
    columns["weight"] = columns["stratum"] = columns["event_name"]
    columns["policy_version"] = frozenset()
    rows = {(Ref(tier, name), Use.FILTER) for tier in tiers for name in _SAMPLED_BY}
    return Lineage(columns, frozenset(rows), frozenset(tiers))
