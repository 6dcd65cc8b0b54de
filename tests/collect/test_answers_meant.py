"""Answers that say what was meant: names, alternatives, patterns, tokens, policies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
import pytest

from tests.collect.asking import GOOD, NOW, PARAMS, TIME, ask, but, shop
from weir.collect.answers import results
from weir.collect.judging import Judging
from weir.collect.producers import ANONYMOUS, Producer
from weir.collect.rules import Rules, rules_of
from weir.collect.wire import single
from weir.registry import Event, compile_event
from weir.registry.dictionary import Dictionary, Term

__all__ = ["ask", "shop"]


TERMS = Dictionary(
    {
        "action": {"purchase": Term("purchase", "Pay.", ("buy",)), "view": Term("view", "See.")},
        "object": {"item": Term("item", "What is sold.")},
        "service": {"shop": Term("shop", "The shop.", ("store",))},
    }
)


def known(schemas: Mapping[str, Any], **changes: Any) -> Rules:
    """Return the rules of events with a schema each, of version 1 and 3."""
    events = {
        name: Event(
            name=name, service=name.split("_")[2], description="…", owner="a@b.com", domain="d",
            tier="bulk", sampling=1, versions={1: {"type": "object"}, 3: schema},
            **{"status": "active", **changes},
        )
        for name, schema in schemas.items()
    }  # fmt: skip
    compiled = {name: compile_event(one) for name, one in events.items()}
    return rules_of(events, compiled.__getitem__, date(2026, 11, 20), TERMS)


def told(rules: Rules, body: str, producer: Producer = ANONYMOUS) -> dict[str, Any]:
    """Return the answer to one event."""
    judging = Judging(rules, NOW, lambda: "assigned", 10_000, producer=producer)
    answer: dict[str, Any] = orjson.loads(results(single(body.encode(), judging))[0])
    return answer


def remedies(answer: dict[str, Any]) -> dict[str, str]:
    (result,) = answer["results"]
    return {found["pointer"]: found["remedy"] for found in result["violations"]}


THREE = known({name: {} for name in ("view_item_shop", "cancel_item_shop", "purchase_item_shop")})
MANY = known(
    {f"view_{chr(97 + n)}{chr(97 + n)}item_{s}": {} for n in range(9) for s in ("shop", "git")}
)


@pytest.mark.parametrize(
    "name",
    [
        "purchse_item_shop", "buy_item_shop", "purchaseItemShop", "PurchaseItemShop",
        "purchase-item-shop", "purchase_itm_shp", "buy_items_store", "PURCHASE_ITEM_SHOP",
    ],
)  # fmt: skip
def test_the_event_that_is_meant_by_an_unknown_name(name: str) -> None:
    said = remedies(told(THREE, but("purchase_item_shop", name)))["/name"]
    assert said.startswith("Did you mean `purchase_item_shop`?")


def test_where_no_event_is_near_enough_those_that_share_words_are_named() -> None:
    said = remedies(told(THREE, but("purchase_item_shop", "return_item_shop")))["/name"]
    assert said.endswith(
        "Registered with `item` and `shop`: `cancel_item_shop`, `purchase_item_shop`, `view_item_shop`."
    )


@pytest.mark.parametrize(
    "body", [but('"name": "purchase_item_shop", ', ""), but("purchase_item", "x")]
)
def test_of_many_events_some_of_every_service_are_named(body: str) -> None:
    said = remedies(told(MANY, body.replace("x_shop", "foo")))["/name"]
    assert "Registered are 18 events, such as " in said
    assert said.count("_shop") == said.count("_git") == 6


OPTIONS = {"oneOf": [{"type": "string"},
                     {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}]}  # fmt: skip
PAID = {
    "oneOf": [
        {"type": "object", "properties": {"by": {"const": "card"}}, "required": ["by", "number"]},
        {"type": "object", "properties": {"by": {"const": "bank"}}, "required": ["by", "iban"]},
    ]
}
SKU = {"type": "string", "pattern": r"^[A-Z]{3}-\d{4}$", "description": "The stock keeping unit."}
KEYED = {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}}
SCHEMAS = [
    # schema of `u`, value, pointer, expected, remedy
    (OPTIONS, {"a": "x"}, "", "string or object with `a`",
     'The nearest is object with `a`. Send `u.a` as integer, for example `"a": 1`.'),
    (OPTIONS, {}, "", "string or object with `a`",
     'The nearest is object with `a`. Send `a`; it is required, for example `"a": 1`.'),
    (OPTIONS, 5, "", "string or object with `a`", "Send `u` as string or object with `a`."),
    (PAID, {"by": "bank"}, "", 'object with `by`: "card", `number`; or object with `by`: "bank", `iban`',
     'The nearest is object with `by`: "bank", `iban`. Send `iban`; it is required.'),
    (PAID, {"by": "cash"}, "", 'object with `by`: "card", `number`; or object with `by`: "bank", `iban`',
     'Send `u` as object with `by`: "card", `number`; or object with `by`: "bank", `iban`.'),
    ({"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 3}]}, 5, "",
     "exactly one of: integer or number >= 3",
     "It is integer and number >= 3 at once: send `u` as only one of them."),
    ({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}, ["x"], "",
     "integer or array", "The nearest is array. Send `u.0` as integer, for example `1`."),
    ({"type": "object", "anyOf": [{"required": ["b"]}, {"required": ["c"]}]}, {}, "",
     "object with `b` or object with `c`", "Send `u` as object with `b` or object with `c`."),
    (KEYED, {"A": 1}, "/A", "a key: string that matches ^[a-z]+$", "Did you mean the key `a`?"),
    (KEYED, {"a/1": 1}, "/a~11", "a key: string that matches ^[a-z]+$",
     'Rename the key `a/1` of `u`, as string that matches ^[a-z]+$, for example "a".'),
    ({"type": "object", "propertyNames": {"enum": ["width", "height"]}}, {"widht": 1}, "/widht",
     'a key: one of "width", "height"', "Did you mean the key `width`?"),
    ({"type": "object", "propertyNames": {"maxLength": 1}}, {"ab": 1}, "/ab",
     "a key: string of at most 1 character",
     "Rename the key `ab` of `u`, as string of at most 1 character."),
    (SKU, "x", "", "string that matches ^[A-Z]{3}-\\d{4}$",
     'for example `"u": "AAA-1111"`. It is: The stock keeping unit.'),
    (SKU, "abc 1234", "", "string that matches ^[A-Z]{3}-\\d{4}$", 'Did you mean `"ABC-1234"`?'),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "pointer", "expected", "remedy"), SCHEMAS)
def test_a_schema_that_is_more_than_a_type_is_told_too(
    schema: dict, value: object, pointer: str, expected: str, remedy: str
) -> None:
    rules = known({"purchase_item_shop": {"type": "object", "properties": {"u": schema}}})
    body = but('"version": 1', '"version": 3').replace(PARAMS, json.dumps({"u": value}))
    (result,) = told(rules, body)["results"]
    (said,) = result["violations"]
    assert (said["pointer"], said["expected"]) == (f"/params/u{pointer}", expected)
    assert said["remedy"].endswith(remedy)


def test_the_environment_is_told_where_it_is_not_production(shop: Rules) -> None:
    answer = told(shop, GOOD, Producer("p", "test"))
    assert (answer["environment"], answer["accepted"]) == ("test", 1)
    assert "environment" not in told(shop, GOOD)
    assert "environment" not in told(shop, GOOD, Producer("p", strict=True))


def test_a_strict_token_is_told_the_newest_version() -> None:
    rules = known({"purchase_item_shop": {"type": "object", "properties": {"price": {}}}})
    answer = told(rules, but('"version": 1, ', ""), Producer("p", strict=True))
    said = remedies(answer)
    assert said["/version"] == 'Send "version": 3.'
    assert said["/params/quantity"] == "Declare it in a new version, or do not send it."


@pytest.mark.parametrize(
    ("policy", "time", "extra", "raw"),
    [
        ("flag", TIME, True, True),
        ("flag", "7", False, True),
        ("quarantine", "7", False, True),
        ("reject", "7", False, False),
    ],
)
def test_what_is_said_of_where_a_value_is_kept_is_true(
    policy: str, time: str, *, extra: bool, raw: bool
) -> None:
    rules = known({"purchase_item_shop": {"properties": {"price": {}}}}, policy=policy)
    body = but('"version": 1', '"version": 3, "colour": "red"').replace(TIME, time)
    said = remedies(told(rules, body))
    assert said["/params/quantity"].endswith("kept in `_extra`.") == extra
    assert said["/colour"].endswith("kept in `raw`.") == raw


FATAL = [
    # rule, body, what else the event's file says, producer
    ("unknown_version", but('"version": 1', '"version": 9'), {}, ANONYMOUS),
    ("closed_version", but('"version": 1', '"version": 4'), {"drafts": {4: {}}}, ANONYMOUS),
    ("inactive", GOOD, {"status": "archived"}, ANONYMOUS),
    ("bad_time", but(TIME, '"7"'), {}, ANONYMOUS),
    ("not_allowed", GOOD, {}, Producer("p", events=("*_git",))),
    ("missing", but('"id": "e-1", ', ""), {}, Producer("p", strict=True)),
    ("wrong_type", but(PARAMS, "[1]"), {}, ANONYMOUS),
]


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [("flag", "quarantined"), ("quarantine", "quarantined"), ("reject", "rejected")],
)
@pytest.mark.parametrize(("rule", "body", "changes", "producer"), FATAL)
def test_what_no_policy_lets_pass_is_quarantined_or_rejected(
    rule: str, body: str, changes: dict, producer: Producer, policy: str, verdict: str
) -> None:
    """As `docs/reference/errors.md` says of these rules."""
    rules = known({"purchase_item_shop": {"type": "object"}}, policy=policy, **changes)
    (result,) = told(rules, body, producer)["results"]
    assert result["verdict"] == verdict
    assert rule in [said["rule"] for said in result["violations"]]
