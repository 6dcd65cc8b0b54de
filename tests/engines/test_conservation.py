"""Conservation must not hold when an event is lost or made up: each equation gets its own harm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.engines.spool_records import T0, payloads, write_segment
from weir.collect.durable import durable
from weir.collect.sealer import seal_now
from weir.core.grains import Grain, floor
from weir.core.settings import Settings
from weir.engines.embedded.accepted import EmbeddedAccepted
from weir.engines.embedded.conservation import Conservation, conservation
from weir.engines.embedded.lake import Lake

HOUR = floor(T0, Grain.HOUR)
LOG = "event_log.click_item_home"


@pytest.fixture
def count(settings: Settings) -> Callable[..., Conservation]:
    """Return a function that harms a small lake and counts: 12 events, 2 of them posted twice."""
    spool, lake = settings.spool_dir, Lake(settings)
    normal = payloads("normal", 1, 0, 6)
    write_segment(spool, "normal", 1, [*normal, *normal[:2]])
    write_segment(spool, "bulk", 1, payloads("bulk", 1, 0, 3))
    write_segment(spool, "quarantine", 1, payloads("quarantine", 1, 0, 1))
    seal_now(settings, lambda: T0)
    for tier in ("normal", "bulk"):
        EmbeddedAccepted(lake).replace_hours(tier, HOUR, HOUR + timedelta(hours=1))
    with lake.write() as connection:
        connection.execute(
            f"CREATE TABLE lake.{LOG} AS FROM lake.accepted.normal UNION ALL FROM lake.accepted.bulk"
        )

    def harm_and_count(*harms: str, acknowledged: int = 12) -> Conservation:
        with lake.write() as connection:
            for sql in harms:
                connection.execute(sql)
        spooled = {key: total.records for key, total in durable(spool).items()}
        with lake.read() as connection:
            return conservation(connection, spooled, acknowledged)

    return harm_and_count


def test_every_figure_is_counted(count: Callable[..., Conservation]) -> None:
    assert count().as_dict() == {
        "acknowledged": 12, "durable": 12, "sealed": 12, "landed": 12, "valid": 11,
        "quarantined": 1, "accepted": 9, "duplicates": 2, "event_log": 9, "broken": (),
        "holds": True,
    }  # fmt: skip


BOTH = ("landed = sealed", "landed from the spool = durable")


@pytest.mark.parametrize(
    ("harms", "equations"),
    [
        (["DELETE FROM lake.landing.quarantine"], BOTH),
        (
            [
                "DELETE FROM lake.landing.quarantine",
                "UPDATE lake.weir.seal SET rows = 0 WHERE lane = 'quarantine'",
            ],
            BOTH[1:],
        ),
        (["UPDATE lake.weir.seal SET rows = rows + 1 WHERE lane = 'bulk'"], BOTH[:1]),
        (
            [
                "UPDATE lake.weir.seal SET rows = rows + 1 WHERE lane = 'bulk'",
                "UPDATE lake.weir.seal SET rows = rows - 1 WHERE lane = 'normal'",
            ],
            BOTH[:1],
        ),
        (
            ["UPDATE lake.landing.quarantine SET verdict = 'accepted'"],
            ["landed = valid + quarantined"],
        ),
        (
            [
                'DELETE FROM lake.accepted.bulk WHERE "offset" = 1',
                f"DELETE FROM lake.{LOG} WHERE lane = 'bulk' AND \"offset\" = 1",
            ],
            ["valid = accepted + duplicates"],
        ),
        (
            [
                "INSERT INTO lake.accepted.bulk FROM lake.accepted.bulk LIMIT 1",
                f"INSERT INTO lake.{LOG} FROM lake.{LOG} LIMIT 1",
            ],
            ["valid = accepted + duplicates"],
        ),
        ([f'DELETE FROM lake.{LOG} WHERE "offset" = 1'], ["accepted = event log"]),
        (
            [
                f"CREATE TABLE lake.event_log.view_page_web AS FROM lake.{LOG} LIMIT 1",
                f"DELETE FROM lake.{LOG} WHERE lane = 'bulk' AND \"offset\" = 1",
            ],
            ["accepted = event log"],
        ),
    ],
)
def test_a_loss_breaks_its_equation(
    count: Callable[..., Conservation], harms: list[str], equations: list[str]
) -> None:
    found = count(*harms)
    assert not found.holds
    assert [sentence.partition(" does not hold")[0] for sentence in found.broken] == [*equations]


def test_an_acknowledged_event_that_is_not_durable_is_told(
    count: Callable[..., Conservation],
) -> None:
    (sentence,) = count(acknowledged=13).broken
    assert sentence == "acknowledged ≤ durable does not hold: 13 and 12."


def test_the_sentence_names_the_place(count: Callable[..., Conservation]) -> None:
    sentences = count("DELETE FROM lake.landing.quarantine").broken
    assert sentences[0] == (
        f"landed = sealed does not hold: 11 and 12; quarantine {HOUR} 1: 0 and 1."
    )
    assert isinstance(HOUR, datetime)
