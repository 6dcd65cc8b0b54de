"""The console's application: the API under `/api/v1`, its description, and the pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI

from weir import __version__
from weir.console.context import Console
from weir.console.http import errors
from weir.console.http.again import LookAgain
from weir.console.http.dagster import mount_dagster
from weir.console.http.dagster_live import mount_live
from weir.console.http.guard import Guard
from weir.console.http.share import Share
from weir.console.http.static import mount_pages
from weir.console.pages import (
    activation,
    audit,
    branches,
    builder,
    checks,
    events,
    home,
    lineage,
    models,
    oidc,
    plans,
    playground,
    quarantine,
    recovery,
    search,
    session,
    settings,
    tail,
    tester,
)

PREFIX = "/api/v1"
_PAGES = (
    session,
    oidc,
    home,
    events,
    builder,
    branches,
    models,
    quarantine,
    tester,
    tail,
    settings,
    checks,
    lineage,
    recovery,
    plans,
    audit,
    activation,
    search,
    playground,
)
_ERRORS: dict[int | str, dict[str, Any]] = {"default": {"model": errors.Failure}}


def create_app(console: Console) -> FastAPI:
    """Return the application of a home's console."""
    app = FastAPI(
        title="Weir console",
        version=__version__,
        description="What the console's pages show and do. Sign in by cookie, or send a person's token.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: "_".join([*map(str, route.tags), route.name]),
    )
    app.state.console = console
    api = APIRouter(prefix=PREFIX, responses=_ERRORS)
    for page in _PAGES:
        api.include_router(page.router)
    app.include_router(api)
    errors.install(app)
    mount_dagster(app, console.settings)
    mount_live(app, console.settings)
    mount_pages(app, PREFIX)
    app.add_middleware(LookAgain, forget=console.projects.look_again, prefix=PREFIX)
    app.add_middleware(Share, prefix=PREFIX)
    hosts = [urlsplit(console.settings.console_url).hostname or ""]
    app.add_middleware(Guard, hosts=[host for host in hosts if host])
    return app
