"""Schemathesis on the OpenAPI description: no 500, no hang, and every answer as it is described.

`/v1/tail` is described too; a stream that is open does not end, so it is only asked for in ways that
it refuses (here nobody may listen).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz.conftest import SECONDS, Gated
from weir.collect.openapi import ROUTES

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance,
]  # fmt: skip
_CALM = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
FEW = settings(max_examples=40, deadline=None, suppress_health_check=_CALM)
HANDFUL = settings(FEW, max_examples=10)
MANY = settings(max_examples=1_000, deadline=None, suppress_health_check=_CALM)


OPERATIONS = [(route.path, route.method) for route in ROUTES]
KINDS = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@pytest.fixture(scope="module")
def inside(application: Callable) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_asgi("/openapi.json", application)


@pytest.fixture(scope="module")
def outside(address: str) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{address}/openapi.json")


def fuzz(
    schema: schemathesis.BaseSchema, path: str, method: str, effort: settings, **call
) -> Counter[int]:
    """Send requests that fit the description, then such that do not; check every answer.

    Returns: how many answers there were of each status.
    """
    operation = schema[path][method]
    seen: Counter[int] = Counter()
    for kind in KINDS:
        if kind is GenerationMode.NEGATIVE and not (operation.body or operation.query):
            continue  # nothing that could be wrong

        @given(case=operation.as_strategy(generation_mode=kind))
        @effort
        def check(case: schemathesis.Case) -> None:
            answer = case.call(**call)
            seen[answer.status_code] += 1
            case.validate_response(answer, checks=CHECKS)

        check()
    assert seen.total() > 0
    return seen


def taken_and_refused(seen: Counter[int], method: str) -> None:
    """Both kinds of answer were given: else the test proves little."""
    if method == "POST":
        assert seen[200] > 0
        assert seen[400] + seen[413] + seen[415] > 0


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_as_described(inside: Any, path: str, method: str) -> None:
    taken_and_refused(fuzz(inside, path, method, FEW), method)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_over_http_is_as_described(outside: Any, path: str, method: str) -> None:
    taken_and_refused(fuzz(outside, path, method, FEW, timeout=SECONDS), method)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_many_answers_are_as_described(inside: Any, path: str, method: str) -> None:
    taken_and_refused(fuzz(inside, path, method, MANY), method)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_many_answers_over_http_are_as_described(outside: Any, path: str, method: str) -> None:
    taken_and_refused(fuzz(outside, path, method, MANY, timeout=SECONDS), method)


@pytest.mark.parametrize(("path", "method"), [("/v1/events", "POST"), ("/v1/batch", "POST")])
def test_every_answer_at_the_gate_is_as_described(gated: Gated, path: str, method: str) -> None:
    """Without a token, with a wrong one, and with one whose rate is soon used up."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", gated.application)
    assert set(fuzz(schema, path, method, HANDFUL)) <= {400, 401, 405}
    wrong = {"authorization": f"Bearer {gated.token}x"}
    assert set(fuzz(schema, path, method, HANDFUL, headers=wrong)) <= {400, 401, 405}
    seen = fuzz(schema, path, method, FEW, headers={"authorization": f"Bearer {gated.token}"})
    assert seen[200] > 0
    assert seen[429] > 0
    assert seen[401] == 0
