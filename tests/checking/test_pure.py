"""The checker's pure parts: ranges, spans, the grid, what reconciling changes, what retention drops."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from weir.cli.partitions_grid import grid, legend
from weir.core import grains
from weir.core.errors import InvalidValue, NotFound
from weir.core.grains import Grain
from weir.core.settings import Settings
from weir.engines.storage import EVERYTHING, Column, DataFile, Footer
from weir.lineage.checking import AssetReport, Fault, Finding, Level, Recorded, Report, Subject
from weir.lineage.checking.faults import MEANINGS
from weir.lineage.checking.indexed import judge_index
from weir.lineage.checking.ranges import chosen, span_of
from weir.lineage.checking.schema import file_differs, table_differs
from weir.lineage.checking.spans import doubtful, joined, within, without
from weir.lineage.nodes import Kind, Node, fixed_nodes

D0 = datetime(2026, 1, 1)
NODE = Node("fact/bought", Kind.FACT, Grain.DAY, column="activity_date")


def at(number: int) -> datetime:
    return D0 + timedelta(days=number)


days = st.integers(0, 60)
spans = st.tuples(days, days).map(lambda ab: (at(min(ab)), at(max(ab))))


class TestRanges:
    @pytest.mark.parametrize(
        ("text", "grain", "first", "last"),
        [
            ("2026-01-05", Grain.DAY, "2026-01-05", "2026-01-05"),
            ("2026-01-05..2026-01-07", Grain.DAY, "2026-01-05", "2026-01-07"),
            ("2026-01-05..", Grain.DAY, "2026-01-05", "9999-12-31"),
            ("..2026-01-07", Grain.DAY, "0001-01-01", "2026-01-07"),
            ("2026-01-05", Grain.HOUR, "2026-01-05-00:00", "2026-01-05-23:00"),
            ("2026-01-05-03:00..2026-01-05-04:00", Grain.HOUR, "2026-01-05-03:00", "2026-01-05-04:00"),
            ("2026-01-07..2026-01-09", Grain.WEEK, "2026-01-05", "2026-01-05"),
            ("2026-01-31..2026-02-01", Grain.MONTH, "2026-01-01", "2026-02-01"),
        ],
    )  # fmt: skip
    def test_both_ends_are_inside(self, text: str, grain: Grain, first: str, last: str) -> None:
        found = [grains.text(label, grain) for label in span_of(text, grain)]
        assert found[1] == last
        assert found[0].lstrip("0") == first.lstrip("0")  # strftime pads no years

    @pytest.mark.parametrize(
        "text", ["yesterday", "2026-1", "2026-02-30", "2026-01-02..2026-01-01", "..x"]
    )
    def test_what_is_no_range_is_told(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="range="):
            span_of(text, Grain.DAY)

    def test_assets_are_found_by_key_table_and_stage(self) -> None:
        nodes = [*fixed_nodes(Grain.HOUR), NODE]
        assert chosen(nodes, ["bought"]) == chosen(nodes, ["fact"]) == [NODE]
        assert [n.asset for n in chosen(nodes, ["accepted", "accepted/bulk"])] == [
            "accepted/critical", "accepted/normal", "accepted/bulk",
        ]  # fmt: skip
        assert chosen(nodes, []) == nodes

    def test_a_near_name_is_suggested(self) -> None:
        with pytest.raises(NotFound, match="Did you mean `fact/bought`"):
            chosen([NODE], ["fact/bougth"])


class TestSpans:
    @given(st.lists(spans), days)
    def test_joining_keeps_exactly_the_labels(self, some: list, number: int) -> None:
        label = at(number)
        assert within(label, joined(some)) == any(a <= label <= b for a, b in some)

    @given(spans, st.lists(spans), days)
    def test_holes_are_cut_out_and_nothing_else(
        self, whole: tuple, some: list, number: int
    ) -> None:
        label = at(number)
        left = without([whole], joined(some), Grain.DAY)
        expected = whole[0] <= label <= whole[1] and not within(label, joined(some))
        assert within(label, sorted(left)) == expected

    @given(
        st.lists(st.tuples(spans, st.integers(1, 5)), max_size=8),
        st.dictionaries(days, st.integers(0, 5)),
    )
    def test_doubt_is_where_totals_differ(self, some: list, rows: dict[int, int]) -> None:
        files = [DataFile(str(n), 1, count, 0, *span) for n, (span, count) in enumerate(some)]
        live = {at(number): Recorded(count) for number, count in rows.items()}
        expected = [
            (first, last)
            for first, last in joined(span for span, _ in some)
            if sum(f.live for f in files if f.touches((first, last)))
            != sum(p.rows for label, p in live.items() if first <= label <= last)
        ]
        assert doubtful(files, live) == expected

    def test_a_file_without_bounds_is_counted_with_everything(self) -> None:
        files = [DataFile("a", 1, 3), DataFile("b", 1, 2, 0, at(1), at(1))]
        assert doubtful(files, {at(1): Recorded(5)}) == []
        assert doubtful(files, {at(1): Recorded(4)}) == [EVERYTHING]


class TestSchema:
    def test_a_decimal_of_another_scale_differs(self) -> None:
        columns = [Column(1, "price", "DECIMAL(18,2)")]
        same, other = ({1: ("price", f"decimal128(18, {scale})")} for scale in (2, 3))
        assert file_differs(columns, DataFile("f", 1, 1), Footer(1, same)) == ""
        assert "price" in file_differs(columns, DataFile("f", 1, 1), Footer(1, other))

    def test_a_renamed_column_is_found_by_its_id(self) -> None:
        footer = Footer(1, {7: ("old_name", "int64")})
        assert file_differs([Column(7, "new_name", "BIGINT")], DataFile("f", 1, 1), footer) == ""

    @pytest.mark.parametrize("kind", ["varchar", "STRING", "text", ""])
    def test_types_have_several_names(self, kind: str) -> None:
        assert table_differs({"s": kind}, [Column(1, "S", "VARCHAR")]) == ""


class TestIndex:
    NODE = Node("search/events", Kind.SEARCH, Grain.HOUR, code="1")

    class Index:
        def __init__(self, found: dict[datetime, tuple[int, str]]) -> None:
            self.found = found

        def rows(self) -> dict[datetime, int]:
            return {label: rows for label, (rows, _) in self.found.items()}

        def content(self, label: datetime) -> tuple[int, str]:
            return self.found[label]

    @pytest.mark.parametrize(
        ("there", "fault"),
        [
            ({}, Fault.RECORDED_BUT_ABSENT),
            ({D0: (0, "0:0:0")}, Fault.EMPTY),
            ({D0: (4, "4:1:1")}, Fault.SHORT),
            ({D0: (6, "6:1:1")}, Fault.DUPLICATED),
            ({D0: (5, "5:9:9")}, Fault.HASH_DIFFERS),
            ({D0: (5, "5:1:1")}, None),
        ],
    )
    def test_each_fault_of_a_partition(self, there: dict, fault: Fault | None) -> None:
        subject = Subject(self.NODE, {D0: Recorded(5, "5:1:1")})
        found, missed = judge_index(subject, self.Index(there), Level.HASH)
        assert [one.fault for one in found] == ([fault] if fault else [])
        assert set(missed) == {Level.LISTING, Level.FOOTER}

    def test_documents_that_nothing_accounts_for(self) -> None:
        found, _ = judge_index(Subject(self.NODE, {}), self.Index({D0: (1, "")}), Level.METADATA)
        assert [one.fault for one in found] == [Fault.PRESENT_BUT_UNKNOWN]

    def test_without_the_index_nothing_was_checked(self) -> None:
        found, missed = judge_index(Subject(self.NODE, {D0: Recorded(5)}), None, Level.HASH)
        assert (found, set(missed)) == ([], set(Level))


class TestReport:
    def test_a_rebuild_shows_before_all_else(self) -> None:
        both = [
            Finding("fact/bought", "k", fault, "", Level.ROWS, (D0,))
            for fault in (Fault.OLDER_THAN_INPUTS, Fault.DAGSTER_UNAWARE, Fault.SHORT)
        ]
        one = AssetReport("fact/bought", Grain.DAY, [D0], findings=both)
        assert one.by_label[D0].fault is Fault.SHORT
        report = Report(Level.ROWS, [one])
        assert report.broken("fact/bought") == {D0}
        assert report.broken("fact/other") == set()

    def test_every_fault_has_a_meaning_a_remedy_and_a_mark_of_its_own(self) -> None:
        assert set(MEANINGS) == set(Fault)
        marks = [meaning.mark for meaning in MEANINGS.values() if meaning.mark]
        assert len(marks) == len(set(marks)) == len(Fault) - 1
        assert all(m.text.endswith(".") and m.remedy.endswith(".") for m in MEANINGS.values())


class TestGrid:
    def test_hours_are_a_row_per_day(self) -> None:
        hours = [D0 + timedelta(hours=n) for n in (5, 6, 30)]
        fault = Finding("landing/bulk", "", Fault.SHORT, "", Level.ROWS, (hours[1],))
        one = AssetReport("landing/bulk", Grain.HOUR, hours, findings=[fault])
        lines = [line.plain for line in grid(one)]
        assert lines == [
            "          0     6     12    18",
            "2026-01-01     ■S",
            "2026-01-02      ■",
        ]

    def test_every_grain_fits(self) -> None:
        for grain in Grain:
            labels = list(
                grains.Range(grains.floor(at(0), grain), grains.floor(at(900), grain), grain)
            )
            one = AssetReport("a/b", grain, labels)
            lines = [line.plain for line in grid(one)]
            assert max(map(len, lines)) <= 80
            assert "".join(lines[1:]).count("■") == len(labels) or grain is Grain.HOUR

    def test_many_rows_show_only_what_is_wrong(self) -> None:
        hours = [D0 + timedelta(hours=n) for n in range(24 * 100)]
        fault = Finding("a/b", "", Fault.EMPTY, "", Level.ROWS, (hours[24 * 50],))
        one = AssetReport("a/b", Grain.HOUR, hours, findings=[fault])
        lines = [line.plain for line in grid(one)]
        assert len(lines) == 6
        assert lines[2] == "          … 49 rows like that, all sound"
        assert lines[3].startswith("2026-02-20E■")

    def test_the_legend_counts_each_mark(self) -> None:
        labels = [at(n) for n in range(4)]
        one = AssetReport("a/b", Grain.DAY, labels[:3], expired=labels[:1], unbuilt=labels[3:])
        told = [(mark, what) for mark, _, what in legend(one)]
        assert told == [("■", "2 as recorded"), ("□", "1 not built yet"), ("·", "1 expired")]


class TestSettings:
    @pytest.mark.parametrize("days", [1, 29, -1])
    def test_landing_is_kept_for_thirty_days_at_least(self, tmp_path, days: int) -> None:
        with pytest.raises(ValidationError, match=r"30|greater"):
            Settings(home=tmp_path, project=tmp_path, retention_days_landing=days)

    @pytest.mark.parametrize("days", [0, 30, 365])
    def test_for_ever_or_longer_is_allowed(self, tmp_path, days: int) -> None:
        made = Settings(home=tmp_path, project=tmp_path, retention_days_landing=days)
        assert made.retention_days["landing"] == days
