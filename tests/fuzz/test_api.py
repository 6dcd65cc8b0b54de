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

from tests.fuzz.conftest import SECONDS
from weir.collect.openapi import ROUTES

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance,
]  # fmt: skip
_CALM = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
FEW = settings(max_examples=40, deadline=None, suppress_health_check=_CALM)
MANY = settings(max_examples=1_000, deadline=None, suppress_health_check=_CALM)


OPERATIONS = [(route.path, route.method) for route in ROUTES]
KINDS = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@pytest.fixture(scope="module")
def inside(application: Callable) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_asgi("/openapi.json", application)


@pytest.fixture(scope="module")
def outside(address: str) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{address}/openapi.json")


def fuzz(schema: schemathesis.BaseSchema, path: str, method: str, effort: settings, **call) -> None:
    """Send requests that fit the description, then such that do not; check every answer."""
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
    if method == "POST":
        assert seen[200] > 0
        assert seen[400] + seen[413] + seen[415] > 0


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_as_described(inside: Any, path: str, method: str) -> None:
    fuzz(inside, path, method, FEW)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_over_http_is_as_described(outside: Any, path: str, method: str) -> None:
    fuzz(outside, path, method, FEW, timeout=SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_many_answers_are_as_described(inside: Any, path: str, method: str) -> None:
    fuzz(inside, path, method, MANY)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_many_answers_over_http_are_as_described(outside: Any, path: str, method: str) -> None:
    fuzz(outside, path, method, MANY, timeout=SECONDS)
