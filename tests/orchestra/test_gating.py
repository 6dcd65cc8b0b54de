"""What a look at the files may say of verdicts that stand: only as much as it sees."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from weir.core.grains import Grain
from weir.lineage.checking import AssetReport, Fault, Finding, Level, Report
from weir.lineage.ledger import Ledger, Verdict
from weir.orchestra.gating import STORED, remember
from weir.orchestra.project import Project

ASSET, KEY, LABEL = "fact/shoppers", "2026-01-05", datetime(2026, 1, 5)


class Home:
    """As much of a project as a verdict needs."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def looked(self, level: Level, *faults: Fault, **more: Any) -> list[str]:
        """Remember a look; return the details of the verdicts that stand."""
        found = [Finding(ASSET, KEY, fault, "seen", level, (LABEL,)) for fault in faults]
        report = AssetReport(ASSET, Grain.DAY, checked=[LABEL], findings=found, **more)
        remember(cast("Project", self), Report(level, [report]))
        return [said.detail for said in self.ledger.failed(ASSET)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(Ledger(tmp_path / "ledger.db"))


@pytest.mark.parametrize(
    ("fault", "less", "enough"),
    [
        (Fault.HASH_DIFFERS, Level.ROWS, Level.HASH),
        (Fault.SHORT, Level.FOOTER, Level.ROWS),
        (Fault.FOOTER_DIFFERS, Level.LISTING, Level.FOOTER),
        (Fault.FILE_MISSING, Level.METADATA, Level.LISTING),
    ],
)
def test_a_verdict_stands_until_a_look_as_close(
    home: Home, fault: Fault, less: Level, enough: Level
) -> None:
    told = [f"{fault}: seen"]
    assert home.looked(Level.HASH, fault) == told
    assert home.looked(less) == told
    assert home.looked(enough) == []


def test_a_fault_that_a_lesser_look_finds_takes_no_closer_ones_place(home: Home) -> None:
    home.looked(Level.HASH, Fault.HASH_DIFFERS)
    assert home.looked(Level.LISTING, Fault.FILE_MISSING) == ["hash_differs: seen"]
    assert home.looked(Level.LISTING) == ["hash_differs: seen"]


def test_hashes_that_were_not_read_clear_nothing(home: Home) -> None:
    home.looked(Level.HASH, Fault.HASH_DIFFERS)
    left = {Level.HASH: "1 partitions lie around broken files"}
    assert home.looked(Level.HASH, unchecked=left) == ["hash_differs: seen"]


def test_a_verdict_of_which_nobody_knows_the_fault_takes_a_look_at_rows(home: Home) -> None:
    home.ledger.record([Verdict(ASSET, STORED, KEY, passed=False)])
    assert home.looked(Level.FOOTER) == [""]
    assert home.looked(Level.ROWS) == []
