"""What a JSON text of people may hold, and where it is told that it may not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.registry.jsonread import MAX_DEPTH, NotJson, check_values, loads_strict

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)  # fmt: skip


@given(JSON)
def test_what_json_can_say_comes_back(value):
    assert loads_strict(json.dumps(value)) == value
    assert loads_strict(json.dumps(value, ensure_ascii=False).encode("utf-8-sig")) == value


@pytest.mark.parametrize(
    ("text", "pointer", "word"),
    [
        ('{"a": [1, NaN]}', "/a/1", "NaN is no JSON number"),
        ('{"a": -Infinity}', "/a", "-Infinity is no"),
        ('{"a": {"b": 1e400}}', "/a/b", "1e400 is no"),
        ("-1e400", "", "-1e400"),
        ('{"a": %s}' % ("9" * 5000), "/a", "5000 characters"),
        ('{"a": [{"b": 1, "c": 2, "b": 3}]}', "/a/0", "the key `b` stands twice"),
        (r'{"a": "\ud800"}', "/a", "half of a surrogate pair"),
        (r'{"a/b": {"\ud800": 1}}', r"/a~1b/\ud800", "the key has half"),
        (r'{"\ud800": 1, "\ud800": 2}', "", r"`\ud800` stands twice"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "/0" * MAX_DEPTH, "100 levels"),
        ("[" * 100_000, None, "100 levels"),
        ('{"a":\n 1,}', None, "line 2"),
        (b'{"a": "\xff"}', None, "utf-8"),
        ("", None, "line 1"),
    ],
)  # fmt: skip
def test_what_is_refused_has_a_place(text, pointer, word):
    with pytest.raises(NotJson) as told:
        loads_strict(text)
    assert (told.value.pointer, word in str(told.value)) == (pointer, True), str(told.value)
    assert told.value.remedy.endswith(".")
    str(told.value).encode()


def test_the_deepest_that_is_read():
    text = "[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH
    assert json.dumps(loads_strict(text)) == text


def test_values_used_often_count_as_often():
    many: object = "lol"
    for _ in range(20):
        many = [many] * 10
    with pytest.raises(NotJson, match="more than 1000 characters"):
        check_values(many, 1000)
    with pytest.raises(NotJson, match="more than 1000 characters"):
        check_values(["x" * 100] * 10, 1000)
    check_values([1] * 499, 1000)


def test_only_json_is_a_value():
    with pytest.raises(NotJson, match=r"a bytes is no JSON value \(at `/a`\)"):
        check_values({"a": b"x"})
