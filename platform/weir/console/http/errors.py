"""Errors of the API: one shape for all, the one that the collector has."""

from __future__ import annotations

import re
import secrets
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from weir.core import errors
from weir.core.errors import WeirError

_STATUS: dict[type[WeirError], int] = {
    errors.NotFound: 404,
    errors.InvalidValue: 422,
    errors.NameRejected: 422,
    errors.UsageError: 400,
    errors.QueryRejected: 422,
    errors.EditConflict: 409,
    errors.Incompatible: 422,
    errors.RegistryError: 422,
    errors.GitError: 409,
    errors.NotReady: 409,
    errors.SpoolFull: 503,
    errors.SinkError: 503,
    errors.LakeError: 503,
    errors.AuditError: 503,
    errors.ServiceUnavailable: 503,
}
_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


class Problem(BaseModel):
    """What went wrong."""

    code: str = Field(description="What kind of error: stable, for programs.")
    message: str = Field(description="What was wrong, in a sentence.")
    remedy: str = Field("", description="What to do about it.")
    where: dict[str, str] | None = Field(None, description="Where in what was sent.")
    details: Any = Field(None, description="All of it, where there are several.")
    request: str = Field(description="The request's id: the log has it too.")


class Failure(BaseModel):
    """The one shape of an error."""

    error: Problem


class Refused(Exception):
    """A request that is refused before it reaches what it asks for."""

    def __init__(
        self, status: int, code: str, message: str, remedy: str = "", details: Any = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.remedy = status, code, message, remedy
        self.details = details


def install(app: FastAPI) -> None:
    """Give an application the one shape of errors."""
    app.add_exception_handler(WeirError, _weir)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def status_of(error: WeirError) -> int:
    """Return the HTTP status of an error: that of its nearest kind.

    >>> status_of(errors.NotFound("event", "x")), status_of(WeirError("x"))
    (404, 500)
    """
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def code_of(error: WeirError) -> str:
    """Return the code of an error: the name of its class.

    >>> code_of(errors.NotFound("event", "x"))
    'not_found'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()


def answer(
    request: Request, status: int, code: str, message: str, remedy: str = "", **more: Any
) -> JSONResponse:
    """Return an error's answer."""
    request_id = getattr(request.state, "id", "") or secrets.token_hex(6)
    problem = Problem(code=code, message=message, remedy=remedy, request=request_id, **more)
    return failure(status, problem)


def _weir(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, WeirError)
    where = getattr(error, "where", None)
    return answer(
        request, status_of(error), code_of(error), error.what, error.remedy,
        where=where if isinstance(where, dict) else None,
    )  # fmt: skip


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return answer(
        request, error.status, error.code, error.message, error.remedy, details=error.details
    )


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    pointer = "/" + "/".join(str(part) for part in first["loc"])
    remedy = "The API's description says what it takes: /api/v1/openapi.json."
    return answer(
        request, 422, "invalid_request", f"{pointer}: {first['msg']}.", remedy,
        where={"pointer": pointer},
    )  # fmt: skip


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "http_error")
    remedy = "The API's description has every path and method: /api/v1/openapi.json."
    return answer(request, error.status_code, code, f"{request.url.path}: {error.detail}.", remedy)


def unexpected(request: str) -> JSONResponse:
    """Return the answer to what nobody foresaw: the log has the rest."""
    remedy = "Try again; if it stays, WEIR_HOME/logs/console.log has the details under this id."
    message = "The console failed at this."
    return failure(500, Problem(code="internal", message=message, remedy=remedy, request=request))


def failure(status: int, problem: Problem) -> JSONResponse:
    """Return an error's answer."""
    return JSONResponse(Failure(error=problem).model_dump(exclude_none=True), status)
