"""The root command: global options, lazy subcommands, and one place that turns errors into words."""

from __future__ import annotations

import importlib
import json
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException
from typer.main import get_command

from weir import __version__
from weir.cli.audited import wrap
from weir.core.errors import UsageError, WeirError
from weir.core.settings import Settings, find_project, load

COMMANDS = {
    "demo": "See it all work: replay real purchases over HTTP through to charts and search.",
    "up": "Run everything until Ctrl-C: collector, sealer, Dagster.",
    "status": "Show what has landed and what is built, missing or stale.",
    "audit": "Who did what, when, with which result; check that nothing was changed.",
    "alerts": "Who is told of what went wrong: check, try, list.",
    "backup": "Copy the whole home at one snapshot, while it is in use.",
    "restore": "Make a home from a backup.",
    "doctor": "Check this machine and home; say what is wrong and how to mend it.",
    "init": "Write a new Weir project into a folder.",
    "people": "Who may use the console: people, roles, tokens, sign-in links.",
    "tokens": "Write tokens of producers: create, list, revoke, rotate.",
    "events": "The event registry: list, show, check, generate.",
    "replay": "Post a file of events through the collector.",
    "import": "Load history with its original arrival times.",
    "collect": "Run the collector alone, or replace its workers without a pause.",
    "seal": "Land what waits in the spool.",
    "quarantine": "Events that were found wrong: list, show, replay once they are valid.",
    "partitions": "Check partitions against lake, files, ledger and Dagster; mend the records.",
    "maintain": "Merge small files, expire old commits, drop what is past its retention.",
    "run": "Materialize what is missing or stale, in order, in range runs.",
    "ledger": "How partitions were built: from what, how long, what checks said.",
    "why": "Say why an asset, a partition or a run is wrong, and what mends it.",
    "stale": "Show what is missing or stale, through any number of steps, and why.",
    "plan": "Plan a repair, a backfill or a restatement; carry it out.",
    "lineage": "What a column, an asset or an event's parameter is made of, and what it reaches.",
    "ci": "What a pull request does to the data, and whether the policy lets it.",
    "activation": "Layers of user activation: add them to facts, look at them, export them.",
    "env": "Environments: change models beside production, compare, promote.",
    "search": "Search the sampled index.",
    "sql": "Run one read-only query on the lake.",
}
_PRODUCTION = ("demo", "collect", "seal", "import", "replay", "quarantine", "tokens")
"""Commands that take events in, which environments do not."""
_MODULES = {"import": "importing"}  # `import` is a keyword

USAGE, FAILED, INTERRUPTED = 2, 1, 130


class LazyGroup(TyperGroup):
    """Lists every command without importing it: `weir --help` answers at once."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the command names, in the order of use."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and return one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"weir.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command = get_command(module.app)
        command.name = cmd_name
        wrap(command, cmd_name)
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands from the table above."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@dataclass
class State:
    """What every command gets as `ctx.obj`."""

    project: Path | None = None
    home: Path | None = None
    env: str | None = None

    @cached_property
    def settings(self) -> Settings:
        """The settings of the project that was named or found.

        Raises:
            UsageError: if there is no project here, or a setting is wrong.
        """
        folder = self.project or find_project(Path.cwd())
        if folder is None or not (folder / "workspace.yaml").is_file():
            where = folder or Path.cwd()
            raise UsageError(
                f"There is no Weir project in {where} (no workspace.yaml here or above).",
                "Go to the project's folder, name it with --project, or make one: `weir init DIR`.",
            )
        try:
            return load(folder, self.home, self.env)
        except ValidationError as error:
            first = error.errors()[0]
            name = "WEIR_" + "_".join(str(p) for p in first["loc"]).upper()
            raise UsageError(
                f"The setting {name}={first.get('input')!r} is wrong: {first['msg']}.",
                "See docs/reference/settings.md for what it may be.",
            ) from None


app = typer.Typer(
    name="weir",
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Weir: every event kept, measured, and turned into logs, facts, activation and search.",
    epilog="Example: weir demo",
)
out = Console(emoji=False)
err = Console(stderr=True, emoji=False)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"weir {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    project: Path | None = typer.Option(
        None, help="Project folder. Default: the nearest one with a workspace.yaml."
    ),
    home: Path | None = typer.Option(
        None, help="Data folder. Default: WEIR_HOME, or .weir in the project."
    ),
    env: str | None = typer.Option(
        None, help="Environment to work in (`weir env`). Default: WEIR_ENV, or production."
    ),
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Read the global options."""
    del version
    chosen = os.environ.get("WEIR_ENV", "") if env is None else env
    if chosen and ctx.invoked_subcommand in _PRODUCTION:
        raise UsageError(
            f"`weir {ctx.invoked_subcommand}` works on production, not on `{chosen}`.",
            "Leave out --env, or unset WEIR_ENV: environments read what production takes in.",
        )
    ctx.obj = State(project, home, env)


def print_json(value: Any) -> None:
    """Print one JSON document to standard output."""
    typer.echo(json.dumps(value, indent=2, default=str, ensure_ascii=False))


def main() -> None:
    """Run the command line; print errors as a sentence and a remedy, never a traceback."""
    try:
        code = app(standalone_mode=False)
    except (Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except Exception as error:  # noqa: BLE001 - told in words, or raised again
        code = _explain(error)
    if code == INTERRUPTED:
        err.print("Interrupted. Nothing that was committed is lost; run it again to go on.")
    sys.exit(code if isinstance(code, int) else 0)


def _explain(error: Exception) -> int:
    """Tell an error in words and return the exit code; raise it again if it is none of ours."""
    if isinstance(error, TyperException):  # Typer's own words on wrong use, with the usage line
        getattr(error, "show", lambda: err.print(str(error)))()
        return USAGE
    if isinstance(error, BrokenPipeError):  # `weir … | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    if isinstance(error, RuntimeError) and "interrupted" in str(error).lower():
        return INTERRUPTED  # DuckDB's word for Ctrl-C inside a query
    if isinstance(error, OSError):
        error = WeirError(f"{error}.", "Mend what it names; `weir doctor` looks at the rest.")
    several = error.exceptions if isinstance(error, ExceptionGroup) else (error,)
    if not all(isinstance(one, WeirError) for one in several):
        raise error
    for one in several:
        _tell(one)
    return USAGE if isinstance(error, UsageError) else FAILED


def _tell(error: Exception) -> None:
    what = error.what if isinstance(error, WeirError) else str(error)
    err.print(f"[bold red]error:[/] {_escape(what)}", highlight=False, soft_wrap=True)
    if isinstance(error, WeirError) and error.remedy:
        err.print(f"       {_escape(error.remedy)}", highlight=False, soft_wrap=True)


def _escape(text: str) -> str:
    return text.replace("[", "\\[")
