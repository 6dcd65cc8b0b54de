"""Writes the reference pages that follow from the code: commands, settings, assets, speed.

Run `python docs/generate.py` after a change, `--check` to see whether the pages are current.
Pages written by hand (events, errors, guides) stay out; tests/docs compares those with the code.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import speed
import yaml
from pydantic_core import PydanticUndefined
from typer.main import get_command

from weir.cli.main import app
from weir.core.settings import Settings
from weir.lineage.nodes import STAGES, Kind, fixed_nodes

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
_NOTE = "<!-- Written by docs/generate.py from the code; edit that, not this. -->\n\n"
_PATHS = {
    "home": "`WEIR_HOME`, or `.weir` in the project",
    "project": "the nearest folder with `workspace.yaml`",
}
_FIXED = {
    Kind.LANDING: "Every durable event of lane `{tier}`, with its verdict, origin and arrival.",
    Kind.ACCEPTED: "Valid `{tier}` events, each once; duplicates within 168 h are left out.",
    Kind.SEARCH: "Sampled documents with weight, stratum and policy version; one index per day.",
}


def pages() -> dict[str, str]:
    """Return every generated page: file name to text."""
    return {
        "commands.md": _NOTE + commands(),
        "settings.md": _NOTE + settings(),
        "assets.md": _NOTE + assets(),
        "speed.md": _NOTE + speed.page(),
    }


def commands() -> str:
    """Return the page of the command line: what `--help` says, command by command."""
    lines = [
        "# Commands\n",
        "`weir` finds its project by `--project` or by the nearest `workspace.yaml` at or above the"
        " current folder. Global options stand before the command: `weir --home DIR status`.\n",
        "| exit code | meaning |\n|---|---|\n| 0 | done |\n| 1 | it failed; the message says what"
        " to do |\n| 2 | wrong use; the message names the remedy |\n| 130 | interrupted |\n",
    ]
    for path, command in walk(get_command(app), "weir"):
        lines += [f"{'#' * (1 + len(path.split()))} {path}\n", f"{_help(command)}\n"]
        if rows := list(_options(command)):
            lines.append(_table(("option", "default", "what it does"), rows))
    return "\n".join(lines)


def walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield a command and all below it with their full names."""
    yield path, command
    if hasattr(command, "list_commands"):
        for name in command.list_commands(None):
            yield from walk(command.get_command(None, name), f"{path} {name}")


def _help(command: Any) -> str:
    text = "\n\n".join(part for part in (command.help, command.epilog) if part)
    said, _, example = text.replace("\n    ", "\n").partition("Example: ")
    shown = " ".join(example.split())
    return said.strip() + (f"\n\n```sh\n{shown}\n```" if shown else "")


def _options(command: Any) -> Iterator[tuple[str, str, str]]:
    """Yield name, default and sentence of each parameter (Typer brings click classes of its own)."""
    for option in command.params:
        sentence = (getattr(option, "help", None) or "").strip()
        if option.param_type_name == "argument":
            yield f"`{option.name.upper()}`", "required", sentence
        elif "--help" not in option.opts:
            names = ", ".join(f"`{name}`" for name in option.opts)
            silent = option.default in (None, False, ...) or callable(option.default)
            yield names, "" if silent else f"`{option.default}`", sentence


def settings() -> str:
    """Return the page of the settings: every field with its variable, default and meaning."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "required" if field.default is PydanticUndefined else f"`{field.default}`"
        given = _PATHS.get(name) or ("empty" if default == "``" else default)
        rows.append((f"`{name}`", f"`WEIR_{name.upper()}`", given, field.description or ""))
    return (
        "# Settings\n\n"
        "Order: the environment variable, then `weir.toml` in `WEIR_HOME`, then the default."
        " In `weir.toml` the keys are the names of the first column: `collect_port = 7500`."
        " An unknown key in `weir.toml` or a value out of range ends every command with exit"
        " code 2.\n\n"
        "`project` is set by `--project`, `home` by `--home` before their variables.\n\n"
        + _table(("setting", "variable", "default", "meaning"), rows)
    )


def assets() -> str:
    """Return the page of this project's assets: partitions, description, columns."""
    known = [*_fixed(), *_models()]
    known.sort(key=lambda asset: (STAGES.index(asset["asset"].split("/")[0]), asset["order"]))
    rows = [(f"`{a['asset']}`", a["partition"], a["description"]) for a in known]
    text = (
        "# Assets\n\nAsset key, table and dbt model carry the same name: `fact/x` is the table"
        " `fact.x` in the lake. Partition keys are calendar labels"
        " (`2026-11-21-05:00`, `2026-11-21`); landing and accepted partitions are days where"
        " `WEIR_LANDING_GRAIN=day`. The columns of landing and accepted are on [Events](events.md).\n\n"
    ) + _table(("asset", "partition", "rows"), rows)
    for asset in known:
        if asset["columns"]:
            text += f"\n## {asset['asset']}\n\n"
            text += _table(("column", "type", "meaning"), asset["columns"])
    return text


def _fixed() -> Iterator[dict[str, Any]]:
    for order, node in enumerate(fixed_nodes(Settings.model_construct().grain)):
        yield {
            "asset": node.asset,
            "order": order,
            "partition": "landing hour",
            "description": _FIXED[node.kind].format(tier=node.tier),
            "columns": [],
        }


def _models() -> Iterator[dict[str, Any]]:
    for order, path in enumerate(sorted((ROOT / "dbt" / "models").rglob("*.yml"))):
        for model in yaml.safe_load(path.read_text()).get("models", []):
            yield {
                "asset": f"{path.parent.name}/{model['name']}",
                "order": order,
                "partition": _partition(path.parent.name, model["name"]),
                "description": " ".join(str(model["description"]).split()),
                "columns": [
                    (
                        f"`{c['name']}`",
                        str(c.get("data_type", "")),
                        " ".join(c["description"].split()),
                    )
                    for c in model["columns"]
                ],
            }


def _partition(stage: str, name: str) -> str:
    if stage == "event_log":
        return "landing day"
    return "month" if "_firstlast_" in name else "day"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows]
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *cells]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main(arguments: list[str], write: Callable[[str], object] = sys.stdout.write) -> int:
    """Write the pages, or with `--check` name those that are not current; return the exit code."""
    stale = [n for n, t in pages().items() if not _same(FOLDER / n, t)]
    for name in stale:
        write(f"docs/reference/{name}\n")
        if "--check" not in arguments:
            (FOLDER / name).write_text(pages()[name])
    return 1 if stale and "--check" in arguments else 0


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text() == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
