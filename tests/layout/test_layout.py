"""Guards on the shape of the house. Each says what breaks when it is violated."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 400  # lines of a file; the aim is 150


def test_platform_and_dbt_are_no_packages() -> None:
    """With an `__init__.py` they shadow the standard library's `platform` and dbt-core's `dbt`:
    `python -m pytest` and `python -m dagster` die, while bare `pytest`, mypy and ruff still pass.
    """
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert not list((ROOT / "dbt").rglob("*.py"))


def test_tests_are_no_packages() -> None:
    """A `tests/<name>/__init__.py` can replace a real module of that name in `sys.modules`."""
    assert not list((ROOT / "tests").rglob("__init__.py"))
    assert not {"platform", "dbt", "code"} & {p.name for p in (ROOT / "tests").iterdir()}


@pytest.mark.parametrize("module", ["platform", "dbt.cli.main", "dagster"])
def test_the_real_modules_still_import_from_the_root(module: str) -> None:
    command = [sys.executable, "-c", f"import {module}; print({module}.__file__)"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert str(ROOT / "platform") not in done.stdout
    assert str(ROOT / "dbt") not in done.stdout


def test_dagster_modules_do_not_defer_annotations() -> None:
    """`from __future__ import annotations` beside an asset breaks loading: Dagster reads them."""
    folders = [ROOT / "assets", ROOT / "sensors", ROOT / "resources"]
    folders.append(ROOT / "platform" / "weir" / "orchestra")
    files = [ROOT / "definitions.py", *(p for f in folders for p in f.rglob("*.py"))]
    assert [p for p in files if "from __future__ import annotations" in p.read_text()] == []


def test_no_file_is_longer_than_the_limit() -> None:
    folders = ("platform", "assets", "sensors", "resources", "dbt/macros", "dbt/models", "tests")
    files = [p for f in folders for s in ("*.py", "*.sql") for p in (ROOT / f).rglob(s)]
    long = {
        str(p.relative_to(ROOT)): n for p in files if (n := len(p.read_text().splitlines())) > LIMIT
    }
    assert long == {}


def test_no_folder_is_a_drawer() -> None:
    every = [p for f in ("platform", "assets") for p in (ROOT / f).rglob("*")]
    names = {p.stem for p in every if "node_modules" not in p.parts}
    assert not names & {"utils", "helpers", "common", "misc"}


def test_a_macro_file_is_named_after_its_macro() -> None:
    for path in (ROOT / "dbt" / "macros").rglob("*.sql"):
        text = path.read_text()
        named = any(f"{kind} {path.stem}" in text for kind in ("macro", "materialization", "test"))
        assert named, path
