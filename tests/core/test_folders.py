"""What vanishes from a folder while it is looked at is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from weir.console import projects
from weir.core.settings import load
from weir.orchestra import environment_homes


@pytest.fixture
def vanishing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two files, of which one goes as soon as it was listed."""
    folder = tmp_path / "assets" / "events"
    folder.mkdir(parents=True)
    (folder / "kept.json").write_text("four")
    (folder / "gone.json").write_text("gone")

    def listed(below: Path) -> Iterator[Path]:
        yield from [folder / "gone.json", folder / "kept.json"] if below == folder else []
        (folder / "gone.json").unlink(missing_ok=True)

    for module in (projects, environment_homes):
        monkeypatch.setattr(module, "files_below", listed)
    return folder


def test_a_home_is_measured_while_files_go(vanishing: Path) -> None:
    (vanishing / "gone.json").unlink()
    assert environment_homes.size_of(vanishing) == 4


def test_a_project_has_a_stamp_while_files_go(vanishing: Path, tmp_path: Path) -> None:
    found = projects.stamp(load(tmp_path, tmp_path / "home"))
    assert [Path(path).name for path, *_ in found] == ["kept.json"]
