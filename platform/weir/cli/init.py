"""`weir init`: a new project, written from the template that the wheel carries."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import typer

import weir
from weir.cli.main import err, print_json
from weir.core.errors import NotFound, UsageError

app = typer.Typer(add_completion=False, rich_markup_mode=None)
CONTENT = (
    "assets",
    "dbt",
    "sensors",
    "resources",
    "definitions.py",
    "workspace.yaml",
    "examples/cdnow",
)
_IGNORED = shutil.ignore_patterns(
    "__pycache__", "target", "logs", "dbt_packages", ".user.yml",
    "unit",  # dbt's unit tests of the macros, which name the example's models
)  # fmt: skip


@app.command()
def init(
    folder: Path = typer.Argument(help="The new project's folder; made when absent."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Write a new Weir project with an example event, fact and activation layer.

    Nothing is overwritten. Example: weir init my-project
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file.", "Name an empty or new folder.")
    existing = [name for name in CONTENT if (folder / name).exists()]
    if existing:
        raise UsageError(
            f"{folder} already holds {', '.join(existing)}.",
            "Name an empty or new folder; nothing was written.",
        )
    source = template()
    for name in CONTENT:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target, ignore=_IGNORED)
        else:
            shutil.copy2(source / name, target)
    if as_json:
        print_json({"folder": str(folder), "written": list(CONTENT)})
        return
    err.print(
        f"Wrote a project to {folder}. Next:\n  cd {shlex.quote(str(folder))}\n"
        "  weir demo      see it work\n  weir events list",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip


def template() -> Path:
    """Return the template's folder: in the wheel, or the repository itself when it runs from there.

    Raises:
        NotFound: if this installation has neither.
    """
    package = Path(weir.__file__).resolve().parent
    for folder in (package / "_project", package.parent.parent):
        if all((folder / name).exists() for name in CONTENT):
            return folder
    raise NotFound("project template", str(package / "_project"), remedy="Install weir again.")
