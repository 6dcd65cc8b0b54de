"""The index on its own: replacing hours, hashes, queries, counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import tantivy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weir.core.errors import FormatMismatch, InvalidValue, NotFound, UsageError
from weir.core.estimate import variance
from weir.engines.embedded.search import FIELDS, Document, Offer, SearchIndex
from weir.engines.embedded.search.reading import answer

DAY = datetime(2026, 11, 20)
HOUR, ONE_DAY = timedelta(hours=1), timedelta(days=1)


def document(n: int = 0, **changes: object) -> Document:
    fields: dict[str, object] = {
        "landing_hour": DAY,
        "event_id": f"e{n}",
        "receipt": f"normal/1/{n}",
        "event_name": "purchase_item_shop",
        "event_time": DAY + timedelta(seconds=n),
        "received_at": DAY + timedelta(seconds=n + 1),
        "user_id": f"{n % 5:05d}",
        "device_id": None,
        "platform": "ios",
        "app_version": "3.1.0",
        "params": json.dumps({"quantity": n % 4, "title": "Blue Note"}),
        "weight": 1.0,
        "stratum": "purchase_item_shop",
        "policy_version": "v1",
        "randomness": n % 5,
    }
    return Document(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    return SearchIndex(tmp_path / "search", lock_seconds=5)


@pytest.fixture
def filled(index: SearchIndex) -> SearchIndex:
    index.replace_hours(DAY, DAY + HOUR, [document(n) for n in range(20)])
    return index


def ids(index: SearchIndex, query: str, **options: object) -> list[str]:
    found = index.search(query, 100, **options)  # type: ignore[arg-type]
    return [hit.document.event_id for hit in found.hits]


def test_a_document_comes_back_as_it_was(index: SearchIndex) -> None:
    odd = document(7, user_id=None, event_time=None, params='{"a": {"b": [1, "é\\n", null]}}')
    index.replace_hours(DAY, DAY + HOUR, [odd])
    (hit,) = index.search("*").hits
    assert (hit.document, hit.day) == (odd, DAY.date())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("user_id:00004", 4),
        ("user_id:4", 0),
        ("00004", 4),
        ("event_name:purchase_item_shop", 20),
        ("event_name:purchase", 0),
        ("purchase", 20),
        ("params.quantity:3", 5),
        ("params.quantity:>=2", 10),
        ("params.quantity:[1 TO 2]", 10),
        ('"blue note"', 20),
        ('"note blue"', 0),
        ("params.title:BLUE", 20),
        ("blue AND user_id:00001", 4),
        ("user_id:00001 OR user_id:00002", 8),
        ("user_id:IN [00001 00002]", 8),
        ("* NOT user_id:00001", 16),
        ("receipt:normal/1/3", 1),
        ('landing_hour:"2026-11-20T00:00:00Z"', 20),
        ("event_time:[2026-11-20T00:00:00Z TO 2026-11-20T00:00:04Z]", 5),
        ("kind:hour", 0),
        ("*", 20),
    ],
)
def test_queries(filled: SearchIndex, query: str, expected: int) -> None:
    assert filled.search(query).matched_documents == expected


@pytest.mark.parametrize(
    "value", ["00042", "42", "4.20", "a" * 64, "0e10", "1e5", "item-17", "x_y"]
)
def test_parameters_and_ids_are_found_exactly(index: SearchIndex, value: str) -> None:
    params = json.dumps({"code": value, "in": {"deep": [value]}})
    index.replace_hours(DAY, DAY + HOUR, [document(1, user_id=value, params=params), document(2)])
    for query in (
        f'user_id:"{value}"',
        f'params.code:"{value}"',
        f'params.in.deep:"{value}"',
        f'"{value}"',
    ):
        assert ids(index, query) == ["e1"], query


def test_a_hash_of_40_digits_is_a_word(index: SearchIndex) -> None:
    sha = "0123456789abcdef0123456789abcdef01234567"
    index.replace_hours(
        DAY, DAY + HOUR, [document(1, params=json.dumps({"sha": sha})), document(2)]
    )
    assert ids(index, sha) == ids(index, f"params.sha:{sha}") == ["e1"]


def test_hits_are_the_newest_over_all_days_to_the_microsecond(index: SearchIndex) -> None:
    micro = timedelta(microseconds=1)
    docs = [
        document(1, landing_hour=DAY, event_time=DAY + micro),
        document(2, landing_hour=DAY, event_time=DAY + 3 * micro),
        document(3, landing_hour=DAY + ONE_DAY, event_time=DAY + 2 * micro),
    ]
    index.replace_hours(DAY, DAY + 2 * ONE_DAY, docs)
    assert ids(index, "*") == ["e2", "e3", "e1"]
    assert ids(index, "*", since=DAY + 2 * micro) == ["e2", "e3"]
    assert ids(index, "*", until=DAY + 2 * micro) == ["e1"]
    assert ids(index, "*", since=DAY + 2 * micro, until=DAY + 3 * micro) == ["e3"]


def test_days_too_old_for_since_are_not_opened(index: SearchIndex) -> None:
    index.replace_hours(DAY, DAY + HOUR, [document(1, event_time=DAY + 30 * HOUR)])
    assert ids(index, "*", since=DAY + 30 * HOUR) == ["e1"]
    assert index.search("*", since=DAY + 48 * HOUR).days == 0


def test_replacing_again_changes_nothing(filled: SearchIndex) -> None:
    before = filled.content_hash(DAY)
    filled.replace_hours(DAY, DAY + HOUR, [document(n) for n in reversed(range(20))])
    assert filled.content_hash(DAY) == before
    assert before[0] == filled.search("*").matched_documents == 20


def test_the_stored_hash_is_the_documents_hash(filled: SearchIndex) -> None:
    (stats,) = filled.stats(DAY, DAY + HOUR)
    assert (stats.rows, stats.hash) == filled.content_hash(DAY)


@pytest.mark.parametrize(
    "change", [{"weight": 2.0}, {"stratum": "x"}, {"policy_version": "v2"}, {"event_id": "f"}]
)
def test_the_hash_sees(filled: SearchIndex, change: dict[str, object]) -> None:
    before = filled.content_hash(DAY)
    filled.replace_hours(
        DAY, DAY + HOUR, [*(document(n) for n in range(19)), document(19, **change)]
    )
    assert filled.content_hash(DAY) != before


def test_other_hours_stay(filled: SearchIndex) -> None:
    before = filled.content_hash(DAY)
    filled.replace_hours(DAY + HOUR, DAY + 2 * HOUR, [document(99, landing_hour=DAY + HOUR)])
    assert filled.content_hash(DAY) == before
    filled.replace_hours(DAY + HOUR, DAY + 2 * HOUR, [])
    assert filled.content_hash(DAY + HOUR) == (0, "0:0:0")
    assert filled.content_hash(DAY) == before


def test_days_that_became_empty_lose_their_rows(index: SearchIndex) -> None:
    days = [DAY + n * ONE_DAY for n in range(3)]
    index.replace_hours(
        DAY, DAY + 3 * ONE_DAY, [document(n, landing_hour=d) for n, d in enumerate(days)]
    )
    index.replace_hours(DAY, DAY + 2 * ONE_DAY, [])
    assert ids(index, "*") == ["e2"]
    assert [s.landing_hour for s in index.stats(DAY, DAY + 9 * ONE_DAY)] == [days[2]]


def test_an_empty_range_makes_no_index(index: SearchIndex) -> None:
    assert index.replace_hours(DAY, DAY + ONE_DAY, []) == []
    assert index.days == []
    found = index.search("*")
    assert (found.hits, found.matched_documents, found.high) == ([], 0, 0.0)


def test_offers_are_kept_even_where_nothing_was(index: SearchIndex) -> None:
    offers = {
        DAY: {"purchase_item_shop": Offer(9, 3.0, "v1"), "rare_thing_shop": Offer(2, 10.0, "v1")}
    }
    (told,) = index.replace_hours(DAY, DAY + HOUR, [document(1, weight=3.0)], offers)
    (kept,) = index.stats(DAY, DAY + HOUR)
    assert told == kept
    assert (kept.offered, kept.rows, kept.strata["rare_thing_shop"].kept) == (11, 1, 0)
    assert index.search("absent").high == 30.0  # the rule of three at the rarest weight in use


@pytest.mark.parametrize(
    "documents",
    [
        [document(1, landing_hour=DAY + HOUR)],
        [document(1, landing_hour=DAY - HOUR)],
        [document(1, landing_hour=DAY + 30 * HOUR)],
    ],
)
def test_a_document_outside_the_range_is_refused(
    filled: SearchIndex, documents: list[Document]
) -> None:
    before = filled.content_hash(DAY)
    with pytest.raises(InvalidValue, match="landing_hour"):
        filled.replace_hours(DAY, DAY + HOUR, documents)
    assert filled.content_hash(DAY) == before


def test_a_source_that_fails_leaves_the_old_state(filled: SearchIndex) -> None:
    before = filled.content_hash(DAY)

    def broken() -> Iterator[Document]:
        yield document(100)
        raise OSError("the lake went away")

    with pytest.raises(OSError, match="went away"):
        filled.replace_hours(DAY, DAY + HOUR, broken())
    assert filled.content_hash(DAY) == before
    filled.replace_hours(DAY, DAY + HOUR, [document(1)])  # and the lock is free again
    assert filled.content_hash(DAY)[0] == 1


@pytest.mark.parametrize(
    "query", ["", "  ", "(a", "a AND", "user_id:", "-user_id:1", "event_time:soon", '"a']
)
def test_a_query_that_cannot_be_read_says_how(filled: SearchIndex, query: str) -> None:
    with pytest.raises(UsageError) as error:
        filled.search(query)
    assert error.value.remedy


def test_a_query_is_read_even_without_an_index(index: SearchIndex) -> None:
    with pytest.raises(UsageError):
        index.search("(a")


def test_an_unknown_field_is_named_with_the_known_ones(filled: SearchIndex) -> None:
    with pytest.raises(NotFound, match="quantity") as error:
        filled.search("quantity:3")
    assert error.value.known == FIELDS
    assert "params." in error.value.remedy


def test_a_limit_below_one_is_refused(filled: SearchIndex) -> None:
    with pytest.raises(InvalidValue):
        filled.search("*", limit=0)


def test_another_schema_is_refused_with_the_way_out(index: SearchIndex) -> None:
    folder = index.folder / DAY.date().isoformat()
    folder.mkdir(parents=True)
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("other")
    tantivy.Index(builder.build(), str(folder))
    with pytest.raises(FormatMismatch, match="another schema"):
        index.search("*")


def test_counts_are_rescaled_by_user_over_strata(index: SearchIndex) -> None:
    weights = {"a": 10.0, "b": 2.0, "c": 1.0}
    docs = [
        document(n, weight=weights[s], stratum=s, randomness=n % 7)
        for s in weights
        for n in range(30)
    ]
    index.replace_hours(DAY, DAY + HOUR, docs)
    found = index.search("*")
    cells: dict[tuple[int, float], int] = {}
    for doc in docs:
        cells[doc.randomness, doc.weight] = cells.get((doc.randomness, doc.weight), 0) + 1
    half = 1.959963984540054 * variance(cells) ** 0.5
    assert found.matched_documents == 90
    assert found.estimate == 30 * 13
    assert found.high == pytest.approx(390 + half)
    assert found.low == max(90, found.estimate - half)
    assert {name: s.rate for name, s in found.strata.items()} == {"a": 0.1, "b": 0.5, "c": 1.0}
    assert found.interval == "keys"
    assert index.search("stratum:c").interval == "exact"


def test_beyond_the_cap_keys_are_subsampled(index: SearchIndex) -> None:
    space = 1 << 56
    numbers = [space // 2 + n * (space // 8000) for n in range(4000)]  # every key kept at p = 0.5
    docs = [document(n, weight=2.0, randomness=number) for n, number in enumerate(numbers)]
    index.replace_hours(DAY, DAY + HOUR, docs)
    snapshot = index._snapshot(DAY.date())
    whole = answer("*", [snapshot], [], limit=1, window=(None, None))
    part = answer("*", [snapshot], [], limit=1, window=(None, None), cap=500)
    assert (whole.interval, part.interval) == ("keys", "some keys")
    assert part.estimate == whole.estimate == 8000
    assert part.high - part.low == pytest.approx(whole.high - whole.low, rel=0.02)


words = st.text(max_size=12)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.dictionaries(words, values, max_size=4), words), min_size=1, max_size=8)
)
def test_no_parameters_stop_the_writer(
    tmp_path_factory: pytest.TempPathFactory, items: list[tuple[dict[str, object], str]]
) -> None:
    index = SearchIndex(tmp_path_factory.mktemp("search"))
    docs = [document(n, params=json.dumps(p), user_id=u) for n, (p, u) in enumerate(items)]
    index.replace_hours(DAY, DAY + HOUR, docs)
    found = index.search("*", 100)
    assert sorted(h.document.event_id for h in found.hits) == sorted(d.event_id for d in docs)
    assert {h.document.params for h in found.hits} == {d.params for d in docs}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 20), st.lists(st.integers(0, 30), max_size=6)),
        max_size=5,
    )
)
def test_any_sequence_of_replacements_equals_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, list[int]]]
) -> None:
    index = SearchIndex(tmp_path_factory.mktemp("search"))
    model: dict[int, int] = {}
    for first, length, given_hours in steps:
        inside = sorted(h for h in given_hours if first <= h < first + length)
        docs = [document(n, landing_hour=DAY + h * HOUR) for n, h in enumerate(inside)]
        index.replace_hours(DAY + first * HOUR, DAY + (first + length) * HOUR, docs)
        model = {h: n for h, n in model.items() if not first <= h < first + length}
        model |= {h: inside.count(h) for h in inside}
    told = index.stats(DAY, DAY + 60 * HOUR)
    assert {(s.landing_hour - DAY) // HOUR: s.rows for s in told} == model
    assert all((s.rows, s.hash) == index.content_hash(s.landing_hour) for s in told)
    assert index.search("*").matched_documents == sum(model.values())
