"""What a newcomer with curl is told: for each usual mistake, what was found and how to write it right."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import orjson
import pytest

from tests.collect.asking import GOOD, PARAMS, TIME, ask, but, shop
from weir.collect import jsontext

__all__ = ["ask", "shop"]


NOT_JSON = [
    # body, where, what, what to do
    (GOOD.replace('"', "'"), (1, 2), "a single quote", "double quotes"),
    (GOOD.replace('"', ""), (1, 2), "a key without double quotes", "single quotes"),
    (but("25.99}}", "25.99},}"), (1, 132), "a comma before a closing bracket", "Remove the comma."),
    (but("25.99", "NaN"), (1, 126), "not finite", "send null, or leave it out"),
    (but("25.99", "-Infinity"), (1, 127), "not finite", "send null, or leave it out"),
    (but("25.99", "1e400"), (1, 126), "a number that is too large", "1.8e308"),
    (but("25.99", "-1e400"), (1, 126), "a number that is too large", "text in quotes"),
    (but("25.99", "True"), (1, 126), "a word of Python", "lower case"),
    (but("25.99", "None"), (1, 126), "a word of Python", "json.dumps"),
    (but("25.99", "undefined"), (1, 126), "`undefined`", "send null"),
    (but("25.99", "02"), (1, 126), "begins with 0", "Remove the zero"),
    (but("25.99", ".5"), (1, 126), "not written as in JSON", "0.5"),
    (but("25.99", "+5"), (1, 126), "not written as in JSON", "no plus sign"),
    (but("25.99", "cheap"), (1, 126), "a word without quotes", "double quotes"),
    (but('"e-1"', "“e-1”"), (1, 8), "a typographic quote", "plain double quotes"),
    (but(', "name"', ' "name"'), (1, 14), "a missing comma", "Put a comma before it."),
    (but('"name":', '"name"'), (1, 22), "a missing colon", "Put a colon"),
    (but('{"id"', '{ // an id\n"id"'), (1, 3), "a comment", "remove it"),
    (but("e-1", "e\n1"), (1, 10), "a line break", "\\n"),
    (but("e-1", "C:\\x"), (1, 11), "a backslash that escapes nothing", "\\\\"),
    (but("e-1", "e\\ud83d"), (1, 10), "half of a surrogate pair", "both halves"),
    (GOOD[:-20], (1, 113), "it ends early", "Close what is open"),
    (GOOD + "}", (1, 133), "a closing bracket too many", "Remove it."),
    (GOOD + "\n" + GOOD, (2, 1), "more text after the value", "/v1/batch (curl --data-binary"),
    (but("e-1", "é").encode("latin-1"), (1, 9), "the byte 0xe9 is not UTF-8", "UTF-8"),
    (but("e-1", "é😀\n"), (1, 11), "a line break", "\\n"),
    ("\n\n  {'id': 1}", (3, 4), "a single quote", "double quotes"),
]


@pytest.mark.parametrize(("body", "place", "why", "how"), NOT_JSON)
def test_no_json_is_told_with_its_place(
    ask: Callable, body: str | bytes, place: tuple[int, int], why: str, how: str
) -> None:
    answer = ask("POST", "/v1/events", body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "not_json")
    assert (error["line"], error["column"]) == place
    assert why in error["message"]
    assert f"line {place[0]}, column {place[1]}" in error["message"]
    assert how in error["remedy"]
    before, mark, after = error["excerpt"].partition(">>>")
    assert mark
    line = (body if isinstance(body, str) else body.decode("latin-1")).split("\n")[place[0] - 1]
    assert line[: place[1] - 1].endswith(before.removeprefix("…"))
    assert line[place[1] - 1 :].startswith(after.removesuffix("…")) or not after


WHOLE = [
    ("", "it is empty", "Send JSON"),
    (" \n", "it is empty", "Send JSON"),
    ("\ufeff" + GOOD, "byte order mark", "without BOM"),
    (GOOD.encode("utf-16"), "UTF-16", "as UTF-8"),
    (GOOD.encode("utf-16-be"), "UTF-16", "as UTF-8"),
    (GOOD.encode("utf-32"), "UTF-16", "as UTF-8"),
    (gzip.compress(GOOD.encode(), mtime=0), "it is gzip", "Content-Encoding: gzip"),
    (b"\x28\xb5\x2f\xfd\x00", "it is zstd", "gzip"),
    ("<html>", "HTML or XML", "Send JSON"),
    ("name=purchase_item_shop&quantity=2", "a form", "curl -d '{"),
]


@pytest.mark.parametrize(("body", "why", "how"), WHOLE)
@pytest.mark.parametrize("route", ["/v1/events", "/v1/batch"])
def test_what_is_no_text_of_json_at_all(
    ask: Callable, route: str, body: str | bytes, why: str, how: str
) -> None:
    answer = ask("POST", route, body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "not_json")
    assert why in error["message"]
    assert how in error["remedy"]
    assert "excerpt" not in error


OFFSET = "RFC 3339 text with an offset"
VIOLATIONS = [
    # body, pointer, rule, expected, found, remedy
    (but("2,", '"3",'), "/params/quantity", "type", "integer >= 1", '"3" (string)', '`"quantity": 3`'),
    (but("2,", "true,"), "/params/quantity", "type", "integer >= 1", "true (boolean)", '`"quantity": 1`'),
    (but("2,", "null,"), "/params/quantity", "type", "integer >= 1", "null", "may not be null."),
    (but("2,", "0,"), "/params/quantity", "minimum", "integer >= 1", "0 (integer)", '`"quantity": 2`'),
    (but("2,", "2.5,"), "/params/quantity", "type", "integer >= 1", "2.5 (number)", '`"quantity": 2`'),
    (but("2,", '["x"],'), "/params/quantity", "type", "integer >= 1", '["x"] (array)', '`"quantity": 2`'),
    (but('"quantity": 2, ', ""), "/params/quantity", "required", "integer >= 1", "nothing",
     'it is required, for example `"quantity": 2`'),
    (but("2,", "9" * 30 + ","), "/params/quantity", "number_out_of_range", "64 bits",
     "a number of 30 digits", "as text"),
    (but("2,", "9223372036854775808,"), "/params/quantity", "maximum", "<= 1000000",
     "9223372036854775808 (integer)", '`"quantity": 2`'),
    (but(PARAMS, '"{}"'), "/params", "wrong_type", "an object", '"{}" (string)', "not its text"),
    (but(PARAMS, "[1]"), "/params", "wrong_type", "an object", "[1] (array)", "as an object"),
    (but('"quantity"', '"quantitty": 1, "quantity"'), "/params/quantitty", "undeclared",
     "one of quantity, price", "1 (integer)", "Did you mean `quantity`?"),
    (but("purchase_item_shop", "shop_item_purchase"), "/name", "unknown_event", "registered event",
     '"shop_item_purchase" (string)', "Did you mean `purchase_item_shop`?"),
    (but("purchase_item_shop", "foo"), "/name", "unknown_event", "registered event",
     '"foo" (string)', "Registered: merge_branch_git"),
    (but('"name": "purchase_item_shop", ', ""), "/name", "unknown_event", "registered event",
     "nothing", "Send the event's name."),
    (but('"name"', '"event"'), "/name", "unknown_event", "registered event", "nothing",
     '`"name": "purchase_item_shop"`'),
    ('{"batch": [' + GOOD + "]}", "/name", "unknown_event", "registered event", "nothing",
     "Post the array of `batch` itself to /v1/batch"),
    (but('"id"', '"userId": "u", "id"'), "/userId", "undeclared", "user_id", '"u" (string)',
     "Did you mean `user_id`?"),
    (but('"id"', '"timestamp": 1, "id"'), "/timestamp", "undeclared", "time", "1 (integer)",
     "Did you mean `time`?"),
    (but('"id"', '"App-Version": "1", "id"'), "/App-Version", "undeclared", "app_version",
     '"1" (string)', "Did you mean `app_version`?"),
    (but('"params"', '"quantity": 2, "params"'), "/quantity", "undeclared", "params", "2 (integer)",
     "Move `quantity` into `params`: it is declared there. Until then it is only kept in `raw`."),
    (but('"version": 1', '"version": [1], "quantity": 2'), "/quantity", "undeclared", "params",
     "2 (integer)", "it is declared there"),
    ('{"data": ' + GOOD + "}", "/name", "unknown_event", "registered event", "nothing",
     "The event is inside `data`: post that object itself"),
    ('{"data": ' + GOOD + "}", "/data", "undeclared", "params", '{"id":"e-1"',
     "The event is inside `data`: post that object itself"),
    (but('"name": "purchase_item_shop"', '"event": "purchaseItemShop"'), "/name", "unknown_event",
     "registered event", "nothing", '`"name": "purchase_item_shop"`'),
    (but('"id"', '"colour": "red", "id"'), "/colour", "undeclared", "params", '"red" (string)',
     "Move `colour` into `params`"),
    (but('"version": 1', '"version": "1"'), "/version", "wrong_type", "integer >= 1",
     '"1" (string)', '`"version": 1`'),
    (but('"version": 1', '"version": 9'), "/version", "unknown_version", "`purchase_item_shop`: 1",
     "9 (integer)", "Send one of these"),
    (but('"e-1"', "17"), "/id", "wrong_type", "string of 1 to 200", "17 (integer)", '`"id": "17"`'),
    (but('"e-1"', '""'), "/id", "wrong_type", "string of 1 to 200", '"" (string)', "or leave it out"),
    (but('"e-1"', '"' + "x" * 300 + '"'), "/id", "wrong_type", "string of 1 to 200",
     "(string of 300 characters)", "or leave it out"),
    (but("e-1", "e\\u0000"), "/id", "nul_character", "without the NUL", '"e\\u0000" (string)',
     "base64"),
    (but("e-1", "x" * 20_000), "", "too_large", "at most 10000 bytes", "bytes", "a smaller event"),
    (but("2,", "[" * 200 + "]" * 200 + ","), "/params/quantity/0/0", "too_deep", "100 levels",
     "more than 100 levels", "Flatten"),
    (but("2,", "[" * 2000 + "]" * 2000 + ","), "", "too_deep", "100 levels",
     "more than 1,000 levels", "Flatten"),
    (but(TIME, '"11/21/2026"'), "/time", "bad_time", OFFSET, '"11/21/2026" (string)',
     '`"time": "2026-11-21T05:40:00Z"`'),
    (but(TIME, '"2026-11-21 05:00"'), "/time", "bad_time", OFFSET, '"2026-11-21 05:00" (string)',
     'Add Z if it is UTC, else its offset such as +09:00: `"time": "2026-11-21T05:00:00Z"`'),
    (but(TIME, '"2026-11-21T05:00:00.5 UTC"'), "/time", "bad_time", OFFSET, "UTC",
     '`"time": "2026-11-21T05:00:00.5Z"`'),
    (but(TIME, '"2026-11-21"'), "/time", "bad_time", OFFSET, '"2026-11-21" (string)',
     "Add the time of day and the offset"),
    (but(TIME, "1763700000"), "/time", "bad_time", OFFSET, "1763700000 (integer)",
     'seconds since 1970: send `"time": "2025-11-21T04:40:00Z"`'),
    (but(TIME, "20261121050000"), "/time", "bad_time", OFFSET, "20261121050000 (integer)",
     'year, month, day and time of day: add Z if it is UTC, else its offset such as +09:00:'
     ' `"time": "2026-11-21T05:00:00Z"`'),
    (but(TIME, '"20261121050000123"'), "/time", "bad_time", OFFSET, "(string)",
     '`"time": "2026-11-21T05:00:00.123Z"`'),
    (but(TIME, "20261121"), "/time", "bad_time", OFFSET, "20261121 (integer)",
     'add the time of day and the offset: `"time": "2026-11-21T00:00:00Z"`'),
    (but(TIME, "20269921050000"), "/time", "bad_time", OFFSET, "(integer)",
     "microseconds since 1970"),
    (but(TIME, "1763700000.25"), "/time", "bad_time", OFFSET, "1763700000.25 (number)",
     '`"time": "2025-11-21T04:40:00Z"`'),
    (but(TIME, '"1763700000123"'), "/time", "bad_time", OFFSET, '"1763700000123" (string)',
     'milliseconds since 1970: send `"time": "2025-11-21T04:40:00.123Z"`'),
    (but(TIME, "1763700000123456789"), "/time", "bad_time", OFFSET, "(integer)",
     "nanoseconds since 1970"),
    (but(TIME, '"2016-12-31T23:59:60Z"'), "/time", "bad_time", OFFSET, ":60Z",
     '`"time": "2016-12-31T23:59:59Z"`'),
    (but(TIME, "null"), "/time", "bad_time", OFFSET, "null", '`"time": "2026-11-21T05:40:00Z"`'),
    (but(f'"time": {TIME}, ', ""), "/time", "bad_time", OFFSET, "nothing",
     '`"time": "2026-11-21T05:40:00Z"`'),
    (but(TIME, '"2026-11-23T05:40:00Z"'), "/time", "bad_time", "at most 24 h ahead",
     "2026-11-23", "2 days, 0:00:00 ahead of the collector's clock (2026-11-21T05:40:00Z)"),
    (but(TIME, '"1800-01-01T00:00:00Z"'), "/time", "bad_time", "at or after 1900-01-01", "1800",
     "first_event_date"),
    (but('"version"', '"sent_at": 1763700000, "version"'), "/sent_at", "wrong_type", OFFSET,
     "1763700000 (integer)", '`"sent_at": "2025-11-21T04:40:00Z"`'),
    (but('"version"', '"platform": 7, "version"'), "/platform", "wrong_type", "string",
     "7 (integer)", '`"platform": "7"`'),
    (but('"version"', '"user_id": ["u"], "version"'), "/user_id", "wrong_type",
     "string or integer", '["u"] (array)', "or leave it out"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "pointer", "rule", "expected", "found", "remedy"), VIOLATIONS)
def test_each_violation_can_be_mended_from_its_words(
    ask: Callable, body: str, pointer: str, rule: str, expected: str, found: str, remedy: str
) -> None:
    answer = ask("POST", "/v1/events", body)
    assert answer.status_code == 200
    (result,) = answer.json()["results"]
    (said,) = [v for v in result["violations"] if v["rule"] == rule and pointer in v["pointer"]]
    assert pointer == said["pointer"] or rule == "too_deep"
    assert expected in said["expected"]
    assert found in said["found"]
    assert remedy in said["remedy"]
    assert len(said["found"]) <= 200


REFUSED = [
    ("PUT", "/v1/events", GOOD, {}, 405, "wrong_method", "Use POST."),
    ("POST", "/v1/event", GOOD, {}, 404, "not_found", "Did you mean `/v1/events`?"),
    ("POST", "/v1/events/", GOOD, {}, 404, "not_found", "Did you mean `/v1/events`?"),
    ("POST", "/events", GOOD, {}, 404, "not_found", "Did you mean `/v1/events`?"),
    ("POST", "/track", GOOD, {}, 404, "not_found", "POST /v1/events, POST /v1/batch"),
    ("POST", "/v1/events", f"[{GOOD}]", {}, 400, "not_an_object", "to /v1/batch"),
    ("POST", "/v1/events", json.dumps(GOOD), {}, 400, "not_an_object", "encoded as JSON twice"),
    ("POST", "/v1/batch", json.dumps(f"[{GOOD}]"), {}, 400, "not_a_batch", "encoded as JSON twice"),
    ("POST", "/v1/events", "17", {}, 400, "not_an_object", "Post one event"),
    ("POST", "/v1/events", "x", {"content_encoding": "zstd"}, 415, "unknown_encoding", "gzip"),
    ("POST", "/v1/events", "x", {"content_type": "multipart/form-data; boundary=x"}, 415,
     "unknown_type", "curl -d, not -F"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "headers", "status", "code", "remedy"), REFUSED)
def test_refusals_say_what_to_do(
    ask: Callable, method: str, path: str, body: str, headers: dict, status: int, code: str,
    remedy: str,
) -> None:  # fmt: skip
    answer = ask(method, path, body, **headers)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert remedy in error["remedy"]


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "text/plain", "", "application/json; charset=utf-8"],
)
def test_types_that_are_usual_though_wrong_pass(ask: Callable, kind: str) -> None:
    """`curl -d` says that it sends a form; `sendBeacon` that it sends plain text."""
    answer = ask("POST", "/v1/events", GOOD, content_type=kind)
    assert answer.json()["accepted"] == 1


def test_of_a_repeated_key_the_last_counts(ask: Callable) -> None:
    answer = ask("POST", "/v1/events", but('"quantity": 2', '"quantity": "x", "quantity": 2'))
    assert answer.json()["accepted"] == 1


def test_a_bad_line_is_told_with_its_column(ask: Callable) -> None:
    answer = ask("POST", "/v1/batch", GOOD + "\n" + GOOD.replace('"', "'") + "\n" + GOOD)
    first, bad, last = answer.json()["results"]
    assert first["verdict"] == last["verdict"] == "accepted"
    (said,) = bad["violations"]
    assert said["found"].startswith("a single quote, column 2: {>>>'id'")
    assert "double quotes" in said["remedy"]


def test_objects_that_curl_joined_on_one_line(ask: Callable) -> None:
    """`curl -d @file` removes the line breaks of the file."""
    for body in (GOOD * 3, f"{GOOD} {GOOD}"):
        (result,) = ask("POST", "/v1/batch", body).json()["results"]
        (said,) = result["violations"]
        assert said["found"].startswith(
            f'another object on the same line, column {body.index("{", len(GOOD)) + 1}: {{"id": "e-1"'
        )
        assert "--data-binary @file" in said["remedy"]
        assert "--data-binary @file" in ask("POST", "/v1/events", body).json()["error"]["remedy"]


def test_objects_over_several_lines(ask: Callable) -> None:
    body = json.dumps(json.loads(GOOD), indent=2) + "\n" + json.dumps(json.loads(GOOD), indent=2)
    results = ask("POST", "/v1/batch", body).json()["results"]
    assert len(results) == 20
    for result in results:
        (said,) = result["violations"]
        assert "goes over several lines" in said["found"]
        assert said["remedy"] == (
            "Write one object per line (`jq -c .` does), or send one array [{…}, {…}]."
        )


def test_commas_between_lines(ask: Callable) -> None:
    first, last = ask("POST", "/v1/batch", f"{GOOD},\n{GOOD}").json()["results"]
    (said,) = first["violations"]
    assert "a comma after the value" in said["found"]
    assert "without a comma between them" in said["remedy"]
    assert last["verdict"] == "accepted"


def test_a_line_that_is_cut_off_is_no_part_of_an_object_over_several_lines(ask: Callable) -> None:
    first, _ = ask("POST", "/v1/batch", f"{GOOD[:-3]}\n{GOOD}").json()["results"]
    assert first["violations"][0]["remedy"].startswith("Close what is open")


def test_one_item_that_is_too_deep_leaves_the_others_in_peace(ask: Callable) -> None:
    deep = but("2,", "[" * 2000 + '"]"' + "]" * 2000 + ",")
    for body in (f"[{GOOD}, {deep}, {GOOD}]", "\n".join([GOOD, deep, GOOD])):
        answer = ask("POST", "/v1/batch", body)
        results = answer.json()["results"]
        assert [r["verdict"] for r in results] == ["accepted", "quarantined", "accepted"]
        assert results[1]["violations"][0]["rule"] == "too_deep"


def test_a_mistake_beside_an_item_that_is_too_deep_is_told_at_its_place(ask: Callable) -> None:
    deep = but("2,", "[" * 2000 + "]" * 2000 + ",")
    answer = ask("POST", "/v1/batch", f"[{deep},\n{but('25.99}}', '25.99},}')}]")
    error = answer.json()["error"]
    assert (answer.status_code, error["line"], error["column"]) == (400, 2, 132)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"[]", [b""]),
        (b"[1]", [b"1"]),
        (b'[1, {"a": [2, 3]}, "],"]', [b"1", b' {"a": [2, 3]}', b' "],"']),
        (b' {"a": [1, 2]} ', [b'{"a": [1, 2]}']),
        (b'["\\"]", 1]', [b'"\\"]"', b" 1"]),
        (b"[1}", None),
        (b"[1", None),
        (b"[1] 2", None),
        (b"[1]]", None),
        (b'"a"', None),
        (b"", None),
        (b"[" * 300_000, None),
    ],
)
def test_parts_by_brackets(text: bytes, found: list[bytes] | None) -> None:
    assert jsontext.parts(text) == found


def test_every_answer_is_json_that_reads_back(ask: Callable) -> None:
    for body in (b"\xff\xfe", b'{"a": "\xed\xa0\x80"}', b"{'\x00", '{"\\ud800": 1}'):
        assert orjson.loads(ask("POST", "/v1/events", body).content)["error"]["remedy"]
        assert ask("POST", "/v1/batch", b"{}\n" + bytes(body, "utf-8") if isinstance(body, str)
                   else b"{}\n" + body).status_code == 200  # fmt: skip
