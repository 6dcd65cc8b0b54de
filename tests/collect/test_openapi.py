"""The description of the API names what the code has: every route, every code, every header."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import orjson
import pytest

from tests.collect.observed import play
from weir.collect.app import Collector
from weir.collect.openapi import ANYWHERE, CODES, EXAMPLE, ROUTES, described, description, page
from weir.collect.rules import Rules
from weir.collect.verdict import ENVELOPE

ROOT = Path(__file__).resolve().parents[2]
_REFUSAL = re.compile(r"Refusal\(\s*(\d{3}),\s*\"(\w+)\"")


def refusals() -> dict[str, int]:
    """Return every code that the collector's source refuses with, and its status."""
    source = "".join(p.read_text() for p in (ROOT / "platform" / "weir" / "collect").glob("*.py"))
    found = {code: int(status) for status, code in _REFUSAL.findall(source)}
    helpers = re.findall(r'_unauthorized\(|"unauthorized"', source)
    assert helpers
    return found | {"unauthorized": 401}


def test_every_refusal_of_the_source_is_described() -> None:
    assert {code: status for code, (status, _) in CODES.items()} == refusals()


def test_every_code_belongs_to_a_route() -> None:
    used = {code for route in ROUTES for code in route.codes} | set(ANYWHERE)
    assert used == set(CODES)


def test_every_route_is_described(tmp_path: Path, rules: Rules) -> None:
    async def story(client, app: Collector, observer) -> None:
        served = {(method, path) for path, (method, _) in app._routes.items()}
        served |= {("GET", path) for path in app._streams}
        assert served == {(route.method, route.path) for route in ROUTES}
        answer = await client.get("/openapi.json")
        assert answer.headers["content-type"] == "application/json"
        assert answer.content == described()

    play(tmp_path, rules, story)


def test_the_description_is_sound() -> None:
    document = description()
    assert document["openapi"] == "3.1.0"
    text = orjson.dumps(document).decode()
    for reference in re.findall(r'"#/([^"]+)"', text):
        node = document
        for token in reference.split("/"):
            node = node[token]
    assert list(document["components"]["schemas"]["Event"]["properties"]) == list(ENVELOPE)
    ids = [o["operationId"] for path in document["paths"].values() for o in path.values()]
    assert len(ids) == len(set(ids)) == len(ROUTES)


def _schema(name: str) -> jsonschema_rs.Validator:
    document = description()
    return jsonschema_rs.validator_for(
        {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    )


@pytest.mark.parametrize(
    ("wrong", "valid"),
    [({}, True), ({"id": ""}, False), ({"version": 0}, False), ({"user_id": 5}, True),
     ({"params": []}, False), ({"origin": "import"}, False)],
)  # fmt: skip
def test_the_event_schema(wrong: dict, valid: bool) -> None:
    assert _schema("Event").is_valid(EXAMPLE | wrong) is valid


def test_real_answers_fit_their_schemas(tmp_path: Path, rules: Rules, event: Callable) -> None:
    async def story(client, app, observer) -> None:
        sent = [event(), event(id=..., version=..., params={}), 5]
        kept = (await client.post("/v1/batch", json=sent)).json()
        _schema("Results").validate(kept)
        refused = await client.post("/v1/events", content=b"[")
        _schema("Error").validate(refused.json())

    play(tmp_path, rules, story)


def test_the_reference_page_is_current() -> None:
    path = ROOT / "docs" / "reference" / "collector-api.md"
    assert path.read_text() == page(), f"write it again: {path.name} = weir.collect.openapi.page()"
    for route in ROUTES:
        assert f"## `{route.method} {route.path}`" in page()
    for code in CODES:
        assert f"| `{code}` |" in page()
