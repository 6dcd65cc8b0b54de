"""`weir lineage` on the repository's own project."""

from __future__ import annotations

import json
from typing import Any

import pytest

from weir.core.errors import NotFound, UsageError

FACT, LAYER = "fact/users_purchased_item", "activation/users_purchased_item_activation_daily"


def test_up_shows_the_way_to_the_parameter(weir: Any) -> None:
    told = weir("lineage", "users_purchased_item.amount", "--up")
    assert told.exit_code == 0
    assert "event_log/purchase_item_shop.price  value" in told.output
    assert "accepted/normal.params$.price  value" in told.output
    assert "rows: event_log/purchase_item_shop: event_time, landing_day, user_id" in told.output
    assert "is made of" in told.stderr
    assert max(map(len, told.stdout.splitlines())) <= 80


def test_down_tells_values_from_what_decides_rows(weir: Any) -> None:
    told = weir("lineage", f"{FACT}.activity_date", "--down", "--depth", "1")
    text = " ".join(told.stdout.replace("│", "").split())
    assert f"├── {LAYER} every column: decides rows (filter, group)" in text
    assert f"{LAYER}.state" not in text  # every column is said already
    assert f"{LAYER}.event_count value" in " ".join(
        weir("lineage", f"{FACT}.event_count", "--down").stdout.replace("│", "").split()
    )


def test_an_events_parameter_goes_down_by_itself(weir: Any) -> None:
    told = weir("lineage", "event:push_commit_git.files.added", "--json")
    steps = json.loads(told.stdout)["steps"]
    assert {
        "event_log/push_commit_git.files__added",
        "fact/users_contributed_code.files_changed",
    } <= {step["to"] for step in steps}
    assert json.loads(told.stdout)["direction"] == "down"
    assert not [s for s in steps if "purchase" in s["to"] or "merge_branch" in s["to"]]


def test_assets_alone(weir: Any) -> None:
    told = weir("lineage", FACT, "--down")
    assert told.stdout.splitlines()[0] == FACT
    assert f"{LAYER}_summary" in told.stdout
    assert "reaches 19 assets." in " ".join(told.stderr.split())
    above = json.loads(weir("lineage", FACT, "--json").stdout)
    assert [s["to"] for s in above["steps"]][:1] == ["event_log/purchase_item_shop"]
    assert above["unresolved"] == []


@pytest.mark.parametrize(
    ("words", "near"),
    [("fact/users_purchased_itm", FACT), (f"{FACT}.amont", "amount")],
)
def test_near_names_are_told(weir: Any, words: str, near: str) -> None:
    with pytest.raises(NotFound, match=f"Did you mean `{near}`"):
        weir("lineage", words)


def test_one_direction_at_a_time(weir: Any) -> None:
    with pytest.raises(UsageError, match="both"):
        weir("lineage", FACT, "--up", "--down")
