"""The built pages: one file of HTML for every path, and what it loads."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).resolve().parents[1] / "static"
_FOREVER = "public, max-age=31536000, immutable"
_UNBUILT = """<!doctype html><title>Weir</title><h1>The console's pages are not built</h1>
<p>The API is here: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p>
<p>In a checkout, <code>make console</code> builds the pages; an installed package has them.</p>"""


class _Assets(StaticFiles):
    """Files whose names change with their content: kept for ever."""

    def file_response(self, *args: object, **options: object) -> Response:
        response = super().file_response(*args, **options)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = _FOREVER
        return response


def mount_pages(app: FastAPI, api: str, folder: Path = STATIC) -> None:
    """Serve the built pages; every path that is no file and not the API's is a page of the console.

    Args:
        app: the application.
        api: prefix of the API: what is unknown below it is an error and no page.
        folder: where the pages were built.
    """
    if (folder / "assets").is_dir():
        app.mount("/assets", _Assets(directory=folder / "assets"), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    def page(request: Request, path: str) -> Response:
        if request.url.path.startswith((f"{api}/", "/api")):
            raise HTTPException(404, "there is no such part of the API")
        file = _file(folder, path)
        if file is not None:
            return FileResponse(file)
        index = folder / "index.html"
        if not index.is_file():
            return HTMLResponse(_UNBUILT, 503)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})


def _file(folder: Path, path: str) -> Path | None:
    """Return the file of a path below the folder, None if there is none."""
    try:
        file = (folder / path).resolve()
        found = bool(path) and file.is_relative_to(folder) and file.is_file()
    except (ValueError, OSError):  # a zero byte, a name that is too long
        return None
    return file if found else None
