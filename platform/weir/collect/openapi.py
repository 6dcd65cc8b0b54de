"""The collector's HTTP API described: OpenAPI 3.1, and the same as a page. Pure; written by hand.

Names and limits come from the code that uses them, so the description cannot drift from it; a test
finds every route and every code of a refusal in here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

import orjson

from weir import __version__
from weir.collect.answers import VERDICTS
from weir.collect.metrics import CONTENT_TYPE as METRICS_TYPE
from weir.collect.tail import FILTERS
from weir.collect.verdict import ENVELOPE, MAX_ID, ORIGINS
from weir.collect.wire import MAX_ITEMS

Json = dict[str, Any]

CODES: dict[str, tuple[int, str]] = {
    "not_json": (400, "the body is no JSON"),
    "not_an_object": (400, "the body of /v1/events is JSON, but no object"),
    "not_a_batch": (400, "the body of /v1/batch is neither array nor object nor NDJSON"),
    "broken_gzip": (400, "Content-Encoding says gzip, the body is none"),
    "wrong_origin": (400, "X-Weir-Origin is neither live nor replay"),
    "unknown_filter": (400, "the tail has no such filter"),
    "unknown_event": (400, "the tail's filter names no registered event"),
    "unknown_verdict": (400, "the tail's filter names no verdict"),
    "unauthorized": (401, "a write token is needed, or the one that was sent is not valid"),
    "origin_not_allowed": (403, "the web origin may not send, or not with this token"),
    "tail_not_allowed": (403, "the token is not for listening to the live tail"),
    "not_found": (404, "there is nothing at this path"),
    "wrong_method": (405, "the path does not take this method"),
    "too_slow": (408, "the body did not arrive in time"),
    "body_too_large": (413, "the body is larger than WEIR_MAX_BODY_BYTES after decompression"),
    "too_many_events": (413, f"a batch holds more than {MAX_ITEMS} events"),
    "over_burst": (413, "the batch is larger than the token may ever send at once"),
    "record_too_large": (413, "the broker behind the collector does not take an event so large"),
    "unknown_type": (415, "the content type is surely no JSON"),
    "unknown_encoding": (415, "the content encoding is not gzip"),
    "malformed_http": (400, "the bytes are no HTTP/1.1 request"),
    "head_too_large": (431, "the request's line and headers are too large"),
    "over_rate": (429, "the token's rate is used up; Retry-After says for how long"),
    "busy": (503, "too many bodies are in memory; Retry-After says when to send again"),
    "unavailable": (503, "the events could not be made durable: nothing was acknowledged"),
    "too_many_connections": (503, "the worker holds as many connections as it can"),
    "not_ready": (503, "a lane cannot be written"),
    "too_many_tails": (503, "too many live tails are open"),
}
"""Code of a refusal → (status, meaning)."""

ANYWHERE = ("not_found", "wrong_method", "malformed_http", "head_too_large", "too_many_connections")
"""Codes that belong to no route."""


class Route(NamedTuple):
    """One route: what it is for, and the codes that it can refuse with."""

    method: str
    path: str
    title: str
    text: str
    codes: tuple[str, ...] = ()


_BODY_CODES = (
    "not_json", "broken_gzip", "wrong_origin", "unauthorized", "origin_not_allowed", "too_slow",
    "body_too_large", "over_burst", "record_too_large", "unknown_type", "unknown_encoding",
    "over_rate", "busy", "unavailable",
)  # fmt: skip
ROUTES = (
    Route(
        "POST", "/v1/events", "Send one event",
        "One JSON object. 200 means that the event is durable, with its verdict; an invalid event is"
        " kept in quarantine and its violations say how to mend it.",
        (*_BODY_CODES, "not_an_object"),
    ),
    Route(
        "POST", "/v1/batch", "Send many events",
        f"A JSON array, or NDJSON: one object per line, at most {MAX_ITEMS:,}. 200 means that all"
        " kept events are durable; each has a verdict of its own, in the order of the batch.",
        (*_BODY_CODES, "not_a_batch", "too_many_events"),
    ),
    Route(
        "GET", "/v1/tail", "Listen to what is received",
        "Server-sent events: `hello`, then one `event` for each judged event (verdict, lane,"
        " violations, event), `refused` for requests of which nothing was kept, `dropped` with a"
        " number where the listener was too slow, and `bye`. Nothing is kept: only what arrives"
        " while the connection is open is shown, personal data included.",
        ("unknown_filter", "unknown_verdict", "unknown_event", "unauthorized", "tail_not_allowed",
         "origin_not_allowed", "too_many_tails"),
    ),
    Route("GET", "/metrics", "Metrics of all workers", "Prometheus' text format."),
    Route("GET", "/healthz", "Whether the process lives", "Its epoch and what it counted."),
    Route(
        "GET", "/readyz", "Whether events can be kept", "503 while a lane cannot be written.",
        ("not_ready",),
    ),
    Route("GET", "/openapi.json", "This description", "OpenAPI 3.1."),
)  # fmt: skip

_TEXT: Json = {"type": "string"}
_TIME: Json = {"type": "string", "format": "date-time"}
_FIELDS: dict[str, Json] = {
    "id": {"type": "string", "minLength": 1, "maxLength": MAX_ID,
           "description": "The sender's id, the same on every retry."},
    "name": {**_TEXT, "description": "A registered event, `action_object_service`."},
    "version": {"type": "integer", "minimum": 1, "description": "Version of the parameters."},
    "time": {**_TIME, "description": "When it happened, by the sender's clock, with its offset."},
    "sent_at": {**_TIME, "description": "When it was sent, by the same clock."},
    "user_id": {"type": ["string", "integer"]},
    "device_id": _TEXT,
    "session_id": _TEXT,
    "platform": _TEXT,
    "app_version": _TEXT,
    "params": {"type": "object", "description": "The event's own parameters."},
    "origin": {"enum": list(ORIGINS)},
}  # fmt: skip
EXAMPLE: Json = {
    "id": "0192f0c1-7a00-7000-8000-000000000001",
    "name": "purchase_item_shop",
    "version": 1,
    "time": "2026-11-20T21:00:00.123Z",
    "user_id": "42",
    "params": {},
}


@cache
def described() -> bytes:
    """Return the description as JSON."""
    return orjson.dumps(description())


def description() -> Json:
    """Return the OpenAPI description of the collector."""
    paths: dict[str, Json] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Weir collector",
            "version": __version__,
            "description": "Takes events, makes them durable, and says what is wrong with them.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "weir_<id>_<secret>"}
            },
        },
    }


def _operation(route: Route) -> Json:
    operation: Json = {
        "operationId": route.path.strip("/").replace("/", "_").replace(".", "_"),
        "summary": route.title,
        "description": route.text,
        "responses": {"200": _success(route), **_refusals(route.codes)},
    }
    if route.method == "POST":
        operation |= {
            "security": [{}, {"token": []}],
            "parameters": _HEADERS,
            "requestBody": {"required": True, "content": _content(route.path)},
        }
    elif route.path == "/v1/tail":
        operation["security"] = [{}, {"token": []}]
        operation["parameters"] = [_filter(name) for name in FILTERS]
    return operation


_HEADERS: list[Json] = [
    {"name": "X-Weir-Origin", "in": "header", "required": False,
     "description": "`replay` marks a whole request as sent again from a file.",
     "schema": {"enum": list(ORIGINS)}},
]  # fmt: skip


def _filter(name: str) -> Json:
    schema: Json = {"enum": list(VERDICTS)} if name == "verdict" else {"type": "string"}
    return {
        "name": name, "in": "query", "required": False, "explode": True,
        "description": f"Only events with this {name}; repeatable.",
        "schema": {"type": "array", "items": schema},
    }  # fmt: skip


def _content(path: str) -> Json:
    one: Json = {
        "anyOf": [{"$ref": "#/components/schemas/Event"}, {"$ref": "#/components/schemas/Other"}]
    }
    if path == "/v1/events":
        return {"application/json": {"schema": one, "example": EXAMPLE}}
    many: Json = {"type": "array", "maxItems": MAX_ITEMS, "items": {"anyOf": [one, {}]}}
    return {
        "application/json": {"schema": many, "example": [EXAMPLE]},
        "application/x-ndjson": {
            "schema": {"type": "string", "description": "One JSON object per line."},
            "example": orjson.dumps(EXAMPLE).decode() + "\n",
        },
    }


def _success(route: Route) -> Json:
    kinds: dict[str, tuple[str, str, Json]] = {
        "/v1/events": ("Durable.", "application/json", {"$ref": "#/components/schemas/Results"}),
        "/v1/batch": ("Durable.", "application/json", {"$ref": "#/components/schemas/Results"}),
        "/v1/tail": ("A stream.", "text/event-stream", {"type": "string"}),
        "/metrics": ("Metrics.", METRICS_TYPE, {"type": "string"}),
    }
    plain = ("Yes.", "application/json", {"type": "object"})
    text, kind, schema = kinds.get(route.path, plain)
    return {"description": text, "content": {kind: {"schema": schema}}}


def _refusals(codes: Iterable[str]) -> Json:
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(CODES[code][0], []).append(code)
    return {str(status): _refusal(status, found) for status, found in sorted(by_status.items())}


def _refusal(status: int, codes: list[str]) -> Json:
    told = "; ".join(f"`{code}`: {CODES[code][1]}" for code in codes)
    error = {
        "allOf": [
            {"$ref": "#/components/schemas/Error"},
            {"properties": {"error": {"properties": {"code": {"enum": codes}}}}},
        ]
    }
    answer: Json = {
        "description": f"Nothing was kept. {told}.",
        "content": {"application/json": {"schema": error}},
    }
    if status in {429, 503}:
        answer["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}
        }
    return answer


def _schemas() -> Json:
    violation = dict.fromkeys(("pointer", "rule", "expected", "found", "remedy"), _TEXT)
    result: Json = {
        "id": {**_TEXT, "description": "The event's id, its own or the one that was given to it."},
        "verdict": {"enum": list(VERDICTS)},
        "violations": {"type": "array", "items": {"$ref": "#/components/schemas/Violation"}},
        "version_assumed": {"type": "integer", "description": "The version that it was given."},
        "id_assigned": {"const": True},
    }
    error = {**dict.fromkeys(("code", "message", "remedy"), _TEXT)}
    counts: Json = {verdict: {"type": "integer", "minimum": 0} for verdict in VERDICTS}
    environment = {"const": "test", "description": "Only for a test token: all is kept apart."}
    results: Json = {"type": "array", "items": {"$ref": "#/components/schemas/Result"}}
    return {
        "Event": _object({name: _FIELDS[name] for name in ENVELOPE}, ("name", "time"),
                         "An event of the declared shape; its schema says more about `params`."),
        "Other": {"type": "object", "description": "Any other object: it is quarantined."},
        "Violation": _object(violation, tuple(violation), "One thing that is wrong, and the remedy."),
        "Result": _object(result, ("id", "verdict"), "The verdict on one event."),
        "Results": _object({**counts, "environment": environment, "results": results},
                           (*counts, "results"),
                           "How many events got each verdict, and each event's own."),
        "Error": _object({"error": _object(error, tuple(error), "Why nothing was kept.")},
                         ("error",), "The one shape of a refusal."),
    }  # fmt: skip


def _object(properties: Json, required: Iterable[str], text: str) -> Json:
    return {
        "type": "object", "description": text, "properties": properties,
        "required": list(required),
    }  # fmt: skip


def page() -> str:
    """Return the reference page of the API, in Markdown."""
    return "\n".join(_page_lines()) + "\n"


def _page_lines() -> Iterator[str]:
    yield "# The collector's HTTP API"
    yield ""
    yield (
        "`GET /openapi.json` describes it as OpenAPI 3.1; this page says the same and is generated"
        " from it.\nWhat an event is made of, and its verdicts, is on [Events](events.md)."
    )
    for route in ROUTES:
        yield from ("", f"## `{route.method} {route.path}`", "", f"{route.title}. {route.text}")
        if route.codes:
            yield from ("", "| status | code | when |", "|---|---|---|")
            for code in sorted(route.codes, key=lambda code: (CODES[code][0], code)):
                yield f"| {CODES[code][0]} | `{code}` | {CODES[code][1]} |"
    yield from ("", "## Anywhere", "", "| status | code | when |", "|---|---|---|")
    for code in ANYWHERE:
        yield f"| {CODES[code][0]} | `{code}` | {CODES[code][1]} |"
    yield ""
    yield (
        'Every refusal has one shape: `{"error": {"code": …, "message": …, "remedy": …}}`. `code`'
        " stays the same\nfor programs; a 429 or 503 carries `Retry-After` in seconds. A browser's"
        " preflight (OPTIONS) is answered 204."
    )
