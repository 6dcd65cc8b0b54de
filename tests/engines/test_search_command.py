"""`weir search`: what it prints, as text and JSON, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from weir.cli.main import app
from weir.core.errors import NotFound, NotReady, UsageError
from weir.engines.embedded.search import Document, SearchIndex

DAY = datetime(2026, 11, 20)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "workspace.yaml").write_text("load_from: []\n")
    documents = [
        Document(
            DAY, f"e{n}", f"normal/1/{n}", "purchase_item_shop", DAY + timedelta(hours=n), DAY, f"{n:05d}",
            None, "ios", "3.1.0", '{"quantity": 3, "title": "[Blue]"}', 10.0, "purchase_item_shop", "v1", n,
        )
        for n in range(5)
    ]  # fmt: skip
    SearchIndex(tmp_path / ".weir" / "search").replace_hours(
        DAY, DAY + timedelta(hours=1), documents
    )
    return tmp_path


def search(project: Path, *arguments: str) -> str:
    result = CliRunner().invoke(
        app, ["--project", str(project), "--home", str(project / ".weir"), "search", *arguments]
    )
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_hits_and_the_rescaled_count(project: Path) -> None:
    told = search(project, "event_name:purchase_item_shop", "--limit", "2")
    assert "2026-11-20 04:00:00" in told
    assert "00003" in told
    assert "00002" not in told


def test_json_holds_all(project: Path) -> None:
    told = json.loads(search(project, "params.quantity:3 user_id:00004", "--json"))
    assert told["matched_documents"] == 1
    assert told["estimate"] == 10.0
    assert told["low"] == 1.0
    assert told["high"] > 10
    assert told["strata"]["purchase_item_shop"]["rate"] == 0.1
    assert told["hits"][0]["params"] == {"quantity": 3, "title": "[Blue]"}


@pytest.mark.parametrize(
    "start", ["2026-11-20T03:00", "2026-11-20T12:00+09:00", "2026-11-20T03:00Z"]
)
def test_from_and_to_are_event_times_in_utc(project: Path, start: str) -> None:
    told = json.loads(search(project, "*", "--from", start, "--to", "2026-11-20T04:00", "--json"))
    assert [hit["user_id"] for hit in told["hits"]] == ["00003"]


def test_nothing_found_is_no_error(project: Path) -> None:
    assert json.loads(search(project, "absent", "--json"))["high"] == 30.0


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("(a",), UsageError),
        (("quantity:3",), NotFound),
        (("*", "--from", "soon"), UsageError),
        (("*", "--index", "absent"), NotReady),
        (("*", "--index", "../search/events"), UsageError),
        (("*", "--index", "/tmp"), UsageError),
        (("*", "--index", ""), UsageError),
    ],
)
def test_wrong_use(project: Path, arguments: tuple[str, ...], error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        search(project, *arguments)
    assert caught.value.remedy  # type: ignore[attr-defined]


def test_wrong_use_ends_with_2_and_a_remedy(project: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "weir", "--project", project, "search", "(a"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "cannot be read" in ended.stderr
    assert "Traceback" not in ended.stderr
