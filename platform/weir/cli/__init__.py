"""The `weir` command. Each command is a module here, imported only when it is used.

Commands decide nothing: they read arguments, call the library and print. `--json` prints one JSON
document to standard output; everything meant for people besides the result goes to standard error.
"""

from weir.cli.main import app, main

__all__ = ["app", "main"]
