"""A small project as plain data: two events, one fact with its activation layer."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from weir.core.grains import Grain
from weir.engines.history import Counted, LandedHour, LandingHistory
from weir.lineage.ledger import Ledger
from weir.lineage.nodes import Kind, Node, fixed_nodes, in_order
from weir.lineage.stale import Picture

NOW = datetime(2026, 1, 10, 12, 30)
OPEN = datetime(2026, 1, 10, 12)


def counted(rows: int, salt: int = 1) -> Counted:
    return Counted(rows, (rows * salt, rows, 0, 0))


@pytest.fixture
def nodes() -> list[Node]:
    start, meta = datetime(2026, 1, 1), {"key": "user_id"}
    fact = {"events": ("buy_item_shop",), "fact": "users_bought", "zone": "UTC", "start": start}
    return in_order(
        [
            *fixed_nodes(Grain.HOUR),
            Node("event_log/buy_item_shop", Kind.EVENT_LOG, Grain.HOUR, ("buy_item_shop",),
                 tier="normal", unique_id="model.weir.buy_item_shop", code="a"),
            Node("event_log/see_item_shop", Kind.EVENT_LOG, Grain.HOUR, ("see_item_shop",),
                 tier="bulk", unique_id="model.weir.see_item_shop", code="a"),
            Node("fact/users_bought", Kind.FACT, Grain.DAY, code="b", meta=meta, **fact),
            Node("activation/users_bought_firstlast_daily", Kind.CHECKPOINT, Grain.MONTH, code="c",
                 counts=Grain.DAY, **fact),
            Node("activation/users_bought_activation_daily", Kind.ACTIVATION, Grain.DAY, code="d", **fact),
            Node("activation/users_bought_activation_daily_summary", Kind.SUMMARY, Grain.DAY, code="e", **fact),
        ]
    )  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")


@pytest.fixture
def history() -> LandingHistory:
    """Three days of purchases that all landed in the open hour."""
    events = {(OPEN, datetime(2026, 1, day, 9)): counted(10 * day) for day in (5, 6, 7)}
    hours = {
        ("normal", OPEN): LandedHour(1, counted(180), closed=False),
        ("quarantine", OPEN): LandedHour(1, counted(2), closed=False),
    }
    return LandingHistory(hours, {"buy_item_shop": events}, OPEN, OPEN)


LOGS = ("buy_item_shop", "see_item_shop")


@pytest.fixture
def look(nodes: list[Node], ledger: Ledger) -> Callable[..., Picture]:
    def picture(history: LandingHistory, **more: Any) -> Picture:
        chosen = more.pop("nodes", nodes)
        given = {"policy": "p1", "lag": timedelta(hours=1), "now": NOW, "tables": LOGS, **more}
        return Picture(chosen, history, ledger, **given)

    return picture
