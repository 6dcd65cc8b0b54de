"""Dagster's pages under `/dagster`: passed on to its webserver, which has no login of its own.

There are two of them: operators reach the full one, everybody else one that was started read-only. A
request that would change something needs an operator, comes from the console's own origin, and is entered
into the audit log; every GraphQL document is read before it goes on.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from weir.audit import audited
from weir.console.access import Person, Role
from weir.console.http.errors import Problem, Refused, failure
from weir.console.http.graphql import NotGraphQL, mutations
from weir.console.http.who import acting, bears, console_of, person_of, require
from weir.core.addresses import DAGSTER_PREFIX
from weir.core.settings import Settings

GRAPHQL = f"{DAGSTER_PREFIX}/graphql"
_OWN = {  # of one connection, or the console's own business
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
    "transfer-encoding", "upgrade", "host", "cookie", "set-cookie", "authorization",
}  # fmt: skip
_SECONDS = 60.0


def mount_dagster(app: FastAPI, settings: Settings) -> None:
    """Pass on what is below `/dagster`."""
    clients = {
        port: httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=_SECONDS)
        for port in (settings.dagster_port, settings.dagster_viewers_port)
    }

    @asynccontextmanager
    async def open_until_the_end(_: FastAPI) -> AsyncIterator[None]:
        yield
        for client in clients.values():
            await client.aclose()

    app.router.lifespan_context = open_until_the_end

    @app.get(DAGSTER_PREFIX, include_in_schema=False)
    def with_slash() -> Response:
        return RedirectResponse(f"{DAGSTER_PREFIX}/")

    @app.api_route(
        f"{DAGSTER_PREFIX}/{{path:path}}", methods=["GET", "HEAD", "POST"], include_in_schema=False
    )
    async def pass_on(request: Request) -> Response:
        try:
            person = await _allow(request)
        except Refused as refused:
            if refused.status == 401 and "text/html" in request.headers.get("accept", ""):
                return RedirectResponse(f"/sign-in?to={quote(request.url.path)}", 303)
            raise
        return await _answer(clients[port_for(settings, person)], request)


def port_for(settings: Settings, person: Person) -> int:
    """Return the port of the webserver that somebody reaches."""
    full = person.role.may(Role.OPERATOR)
    return settings.dagster_port if full else settings.dagster_viewers_port


async def _allow(request: Request) -> Person:
    """Return who asks; enter what changes something into the audit log.

    Raises:
        Refused: if this person may not do it.
    """
    person = require(await run_in_threadpool(person_of, request, csrf=False), Role.VIEWER)
    if not plain(request.url.path):
        raise Refused(404, "no_such_page", "Dagster has no page of this address.")
    if request.url.path.rstrip("/") != GRAPHQL:
        if request.method == "POST":
            await run_in_threadpool(_allow_change, request, person, [request.url.path], {})
        return person
    wanted = await _asked(request)
    if wanted is not None:
        await run_in_threadpool(allow_graphql, request, person, wanted)
    return person


def plain(path: str) -> bool:
    """Tell whether a path goes on as it was read: nothing in it means another place behind.

    >>> plain("/dagster/assets/fact/x"), plain("/dagster/x/../graphql"), plain("/dagster/%67raphql")
    (True, False, False)
    """
    parts = path.split("/")[1:]
    odd = any(character in "%?#\\" or not character.isprintable() for character in path)
    return not odd and not {".", ".."} & set(parts) and "" not in parts[:-1]


async def _asked(request: Request) -> Any:
    """Return the GraphQL request, or None for a page of GraphQL's own that asks nothing."""
    if request.method != "POST":
        query = request.query_params.get("query")
        return None if query is None else {"query": query}
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Refused(415, "not_json", "A GraphQL request is JSON here.", "Send application/json.")
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise Refused(400, "not_json", f"The body is no JSON: {error}.") from error


def allow_graphql(request: Any, person: Person, wanted: Any) -> None:
    """Let a GraphQL request pass, or refuse it.

    Args:
        request: the connection that it came by.
        person: who asks.
        wanted: the parsed request.

    Raises:
        Refused: if it cannot be read, or changes something and the person may not.
    """
    try:
        names = mutations(wanted)
    except NotGraphQL as error:
        raise Refused(400, "not_graphql", str(error)) from error
    if not names:
        return
    one = wanted[0] if isinstance(wanted, list) else wanted
    _allow_change(request, person, names, one.get("variables") or {})


def _allow_change(request: Any, person: Person, names: list[str], variables: Any) -> None:
    """Let a change pass and enter it into the audit log; the guard has compared its origin."""
    require(person, Role.OPERATOR)
    if request.scope.get("method", "POST") != "POST":
        raise Refused(405, "not_by_get", "What changes something comes by POST.")
    if "origin" not in request.headers and not bears(request):
        raise Refused(403, "csrf", "The request does not say which page sent it.")
    with audited(
        console_of(request).settings, "dagster.mutation", by=acting(request, person), names=names,
        variables=variables,
    ):  # fmt: skip
        pass  # what became of it stands in Dagster's own runs and ticks


async def _answer(client: httpx.AsyncClient, request: Request) -> Response:
    url = httpx.URL(path=request.url.path, query=request.url.query.encode())
    passed = client.build_request(
        request.method, url, headers=_kept(request.headers), content=await request.body()
    )
    try:
        found = await client.send(passed, stream=True)
    except httpx.TransportError:
        return _away(request)
    headers = _kept(found.headers) | {"X-Frame-Options": "SAMEORIGIN"}
    if found.headers.get("location", "").startswith(str(client.base_url)):
        headers["location"] = found.headers["location"].removeprefix(
            str(client.base_url).rstrip("/")
        )
    return StreamingResponse(
        found.aiter_raw(), found.status_code, headers, background=BackgroundTask(found.aclose)
    )


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OWN}


def _away(request: Request) -> JSONResponse:
    problem = Problem(
        code="dagster_away", message="Dagster does not answer.", request=request.state.id,
        remedy="It takes some seconds to start; `weir up` starts it, WEIR_HOME/logs/dagster.log says more.",
    )  # fmt: skip
    return failure(503, problem)
