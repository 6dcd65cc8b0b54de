"""The journal may forget an acknowledgement, but never claims one that was not given."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weir.collect.journal import Journal, Lines, ranges_of
from weir.core.errors import UsageError

BATCHES = st.lists(st.sets(st.integers(1, 200), min_size=1).map(sorted), min_size=1, max_size=8)


@given(batches=BATCHES)
def test_lines_are_a_set(batches: list[list[int]]) -> None:
    lines, wanted = Lines(), set()
    for batch in batches:
        lines.add(ranges_of(batch))
        wanted |= set(batch)
        assert {n for n in range(202) if n in lines} == wanted
        assert len(lines) == len(wanted)
    ranges = list(lines)
    assert all(b[0] > a[1] + 1 for a, b in pairwise(ranges))
    assert "1" not in lines


@given(batches=BATCHES, data=st.data())
@settings(max_examples=60, deadline=None)
def test_cut_or_damaged_anywhere_it_claims_only_what_was_acknowledged(
    batches: list[list[int]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.journal"
        ends, known = [], [set[int]()]
        with Journal(path, "d") as journal:
            ends.append(path.stat().st_size)
            for batch in batches:
                journal.acknowledge(batch, {"accepted": len(batch)})
                ends.append(path.stat().st_size)
                known.append(known[-1] | set(batch))
            journal.finish()
        whole = path.read_bytes()
        at = data.draw(st.integers(0, len(whole) - 1), "cut")
        cut = whole[:at]
        if data.draw(st.booleans(), "damaged, not cut"):
            cut += bytes([whole[at] ^ 1]) + whole[at + 1 :]
        path.write_bytes(cut)
        kept = sum(end <= at for end in ends)
        with Journal(path, "d") as journal:
            assert {n for n in range(202) if n in journal.lines} == known[max(kept - 1, 0)]
            assert not journal.complete
            journal.acknowledge([999], {"accepted": 1})
        with Journal(path, "d") as journal:
            assert 999 in journal.lines


def test_counts_completion_and_forgetting(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.journal"
    with Journal(path, "d") as journal:
        journal.acknowledge([2, 3], {"accepted": 1, "quarantined": 1})
        journal.acknowledge([4], {"accepted": 1})
        journal.finish()
    with Journal(path, "d") as journal:
        assert journal.complete
        assert journal.counts == {"accepted": 2, "quarantined": 1}
        journal.forget()
        assert not journal.complete
    with Journal(path, "d") as journal:
        assert len(journal.lines) == 0


def test_one_process_at_a_time_and_one_source(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    with Journal(path, "d"), pytest.raises(UsageError, match="by another process"):
        Journal(path, "d")
    with pytest.raises(UsageError, match="of another replay"):
        Journal(path, "e")
    Journal(path, "d").close()
