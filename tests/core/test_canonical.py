import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from weir.core import canonical
from weir.core.canonical import canonical_json, fingerprint, payload_hash

text = st.text(st.characters(exclude_categories=["Cs"]))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | text
)
values = st.recursive(
    scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(text, v, max_size=4), max_leaves=12
)
events = st.dictionaries(text, values, max_size=5)


@given(values)
def test_canonical_json_is_rfc_8785_on_every_value(value: object) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_the_fast_path_is_taken_for_plain_events() -> None:
    event = {"b": [1, True, None], "a": {"text": "é\n\x07"}}
    assert canonical._plain(event)
    assert canonical_json(event) == rfc8785.dumps(event)


@pytest.mark.parametrize("value", [1.0, 1e21, 1e-7, 2**53, {"é": 1}, [[2.0]]])
def test_the_fast_path_is_left_where_the_forms_differ(value: object) -> None:
    assert not canonical._plain(value)


def test_large_integers_stay_apart() -> None:
    assert canonical_json(2**60) != canonical_json(2**60 + 1)


@given(events, text, text)
def test_the_payload_hash_ignores_sent_at_and_key_order(
    event: dict[str, object], one: str, other: str
) -> None:
    turned = dict(reversed(event.items()))
    assert payload_hash({**event, "sent_at": one}) == payload_hash({**turned, "sent_at": other})


@given(events)
def test_the_payload_hash_survives_json(event: dict[str, object]) -> None:
    assert payload_hash(orjson.loads(orjson.dumps(event))) == payload_hash(event)


def test_a_fingerprint_is_four_32_bit_numbers_that_differ_by_receipt() -> None:
    one = fingerprint("normal", 1, 0, "ab")
    assert all(0 <= n < 2**32 for n in one)
    assert len({one, fingerprint("normal", 1, 1, "ab"), fingerprint("bulk", 1, 0, "ab")}) == 3
