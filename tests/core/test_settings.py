from pathlib import Path

import pytest
from pydantic import ValidationError

from weir.core.settings import find_project, load


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WEIR_HOME", "WEIR_COLLECT_PORT", "WEIR_LANDING_GRAIN"):
        monkeypatch.delenv(name, raising=False)


def test_the_home_is_beside_the_project_by_default(tmp_path: Path) -> None:
    assert load(tmp_path).home == tmp_path / ".weir"


def test_the_environment_wins_over_the_homes_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "weir.toml").write_text('collect_port = 7500\nlanding_grain = "day"\n')
    monkeypatch.setenv("WEIR_COLLECT_PORT", "7600")
    settings = load(tmp_path, home)
    assert (settings.collect_port, settings.landing_grain) == (7600, "day")


def test_a_wrong_value_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIR_LANDING_GRAIN", "minute")
    with pytest.raises(ValidationError, match="'hour' or 'day'"):
        load(tmp_path)


def test_the_project_is_found_from_a_folder_inside_it(tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").touch()
    inside = tmp_path / "dbt" / "models"
    inside.mkdir(parents=True)
    assert find_project(inside) == tmp_path
    assert find_project(Path(tmp_path.anchor)) is None
