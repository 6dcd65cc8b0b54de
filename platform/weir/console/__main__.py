"""The console's process: `python -m weir.console --project P --home H`. `weir up` starts it."""

from __future__ import annotations

import argparse
from pathlib import Path


def main() -> None:
    """Serve a home's console until it is told to end."""
    # Here, and not above: the processes of queries read this file again, and need none of it.
    import uvicorn  # noqa: PLC0415

    from weir.console.app import create_app  # noqa: PLC0415
    from weir.console.context import Console  # noqa: PLC0415
    from weir.core.settings import load  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="python -m weir.console")
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    settings = load(given.project, given.home)
    uvicorn.run(
        create_app(Console.of(settings)),
        host=settings.console_host,
        port=settings.console_port,
        proxy_headers=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
