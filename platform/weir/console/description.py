"""The API's description as a file: `python -m weir.console.description` writes it.

The pages' client is generated from it; a test compares it with what the application says.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from weir.console.app import create_app
from weir.console.context import Console

FILE = Path(__file__).with_name("openapi.json")


def description(console: Console) -> bytes:
    """Return the description of a console's API, as OpenAPI 3.1."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(create_app(console).openapi(), option=options)


def main() -> None:
    """Write the file."""
    import tempfile  # noqa: PLC0415 - of this command only

    from weir.core.settings import find_project, load  # noqa: PLC0415

    project = find_project(Path.cwd())
    assert project is not None, "run it in the project's folder"
    with tempfile.TemporaryDirectory() as home:
        FILE.write_bytes(description(Console.of(load(project, Path(home), ""))))


if __name__ == "__main__":
    main()
