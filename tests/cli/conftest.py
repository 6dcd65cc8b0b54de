"""One small home with a lake, and a way to run the command line in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from weir.cli.main import app
from weir.core.settings import Settings, load
from weir.engines.embedded.lake import Lake

ROOT = Path(__file__).resolve().parents[2]
Weir = Callable[..., Result]


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home of the repository's own project, its lake empty but for one table."""
    made = load(ROOT, tmp_path_factory.mktemp("a home"))
    Lake(made).create()
    with Lake(made).write() as connection:
        connection.execute("CREATE TABLE fact.t AS SELECT n, 'x' || n AS s FROM range(3) AS r(n)")
    return made


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def weir(settings: Settings) -> Weir:
    """Run a command on the home; its own errors come out as exceptions."""

    def run(*arguments: str, home: Path = settings.home, project: Path = ROOT) -> Result:
        given = ["--project", str(project), "--home", str(home), *arguments]
        result = CliRunner().invoke(app, given)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run
