"""The columns of a project as it is: compiled, followed, kept beside the manifest, shown in Dagster."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from weir.core.settings import load
from weir.lineage.columns.changes import Change, classify
from weir.lineage.columns.flows import Ref
from weir.orchestra import columns as module
from weir.orchestra.columns import Columns
from weir.orchestra.models import model_assets
from weir.orchestra.outline import Outliner
from weir.orchestra.project import Project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project whose models tests may change; its home has no lake."""
    folder = tmp_path_factory.mktemp("columns")
    for name in ("dbt", "assets"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("target"))
    shutil.copy(ROOT / "workspace.yaml", folder)
    return Project(load(folder, folder / "home"))


@pytest.fixture(scope="module")
def columns(project: Project) -> Columns:
    return project.columns


def again(project: Project) -> Columns:
    """The columns as another process would see them."""
    return Project(project.settings).columns


def test_every_column_of_every_model_and_view_is_resolved(columns: Columns) -> None:
    followed = columns.assembled.followed
    assert {
        a: one.lineage.unresolved for a, one in followed.items() if one.lineage.unresolved
    } == {}
    models = {path.stem for path in (ROOT / "dbt" / "models").rglob("*.sql")}
    views = {asset.partition("/")[2] for asset in followed} - models
    assert {asset.partition("/")[2] for asset in followed} > models
    assert {view.rpartition("_")[2] for view in views} == {"variants", "pulse", "duolingo"}


def test_every_described_column_is_there(project: Project, columns: Columns) -> None:
    for node in project.nodes:
        if node.unique_id:
            described = project.parsed.json["nodes"][node.unique_id]["columns"]
            assert set(columns.codes()[node.asset].columns) == set(described), node.asset


def test_what_depends_on_the_lake_is_followed_too(columns: Columns) -> None:
    """A checkpoint, landing days: without a lake they would not be in the SQL at all."""
    layer = columns.graph.up("activation/users_purchased_item_activation_daily", "streak", depth=1)
    assert "activation/users_purchased_item_firstlast_daily.streak_start" in {
        s.there.text for s in layer
    }
    fact = columns.graph.up("fact/users_purchased_item", "amount", depth=1)
    assert "event_log/purchase_item_shop.landing_day" in {s.there.text for s in fact}


def test_no_lake_is_made(project: Project, columns: Columns) -> None:
    assert columns.assembled
    assert not project.settings.lake_dir.exists()


def test_the_sidecar_is_read_while_the_manifest_is_the_same(
    project: Project, columns: Columns, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = columns.assembled
    monkeypatch.setattr(module.Outliner, "outline", lambda *_: pytest.fail("compiled again"))
    monkeypatch.setattr("weir.lineage.columns.assemble.trace", lambda *_: pytest.fail("followed"))
    assert again(project).assembled == whole
    columns.path.write_text("{broken")
    with pytest.raises(pytest.fail.Exception, match="compiled again"):
        _ = again(project).assembled
    monkeypatch.undo()
    assert again(project).assembled == whole


def test_only_what_changed_is_compiled_again(
    project: Project, columns: Columns, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = columns.assembled.codes["fact/users_purchased_item"]
    model = project.settings.project / "dbt" / "models" / "fact" / "users_purchased_item.sql"
    before, asked = model.read_text(), list[str]()
    outline = Outliner.outline

    def noted(self: Outliner, models: Any) -> Any:
        asked.extend(models)
        return outline(self, asked)

    monkeypatch.setattr(module.Outliner, "outline", noted)
    model.write_text(
        before.replace("count(*) as event_count,", "count(*) as event_count, max(price) as top,")
    )
    try:
        found = again(project).assembled
    finally:
        model.write_text(before)
    assert asked == ["model.weir.users_purchased_item"]
    change = classify(old, found.codes["fact/users_purchased_item"])
    assert change.change is Change.ADDITIVE
    assert change.names(Change.ADDITIVE) == {"top"}
    assert found.codes["fact/users_purchased_item"].code != old.code


def test_a_model_that_cannot_be_compiled_is_told_and_stops_no_other(project: Project) -> None:
    model = project.settings.project / "dbt" / "models" / "fact" / "users_purchased_item.sql"
    before = model.read_text()
    model.write_text(before + "{{ exceptions.raise_compiler_error('not today') if execute }}")
    project.columns.path.unlink()  # all are compiled, in one invocation
    try:
        followed = again(project).assembled.followed
    finally:
        model.write_text(before)
    unresolved = {
        a: one.lineage.unresolved for a, one in followed.items() if one.lineage.unresolved
    }
    assert list(unresolved) == ["fact/users_purchased_item"]
    assert "not today" in unresolved["fact/users_purchased_item"][0].reason
    layer = followed["activation/users_purchased_item_activation_daily"].lineage
    assert Ref("fact/users_purchased_item", "event_count") in layer.columns["event_count"]


def test_dagster_shows_columns_and_where_they_come_from(project: Project) -> None:
    specs = [spec for assets in model_assets(project, "fact") for spec in assets.specs]
    spec = next(s for s in specs if s.key.path == ["fact", "users_purchased_item"])
    lineage = spec.metadata["dagster/column_lineage"]
    assert lineage.deps_by_column["amount"] == [
        dg.TableColumnDep(dg.AssetKey(["event_log", "purchase_item_shop"]), "price")
    ]
    schema = spec.metadata["dagster/column_schema"]
    assert [(c.name, c.type) for c in schema.columns][-1] == ("amount", "decimal(18,2)")
    assert all(column.description for column in schema.columns)
    assert "event_log/purchase_item_shop.user_id" in spec.metadata["weir/rows_decided_by"]


def test_the_code_of_what_is_built_is_kept(project: Project, columns: Columns) -> None:
    columns.remember(["fact/users_purchased_item", "landing/normal"])
    code = columns.codes()["fact/users_purchased_item"]
    assert columns.store.load("fact/users_purchased_item", code.code) == code
    assert code.code == next(n.code for n in project.nodes if n.asset == code.asset)
    assert columns.store.load("fact/users_contributed_code", "") is None
