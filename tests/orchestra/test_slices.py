"""A slice of the manifest: dbt selects and compiles from it as from the whole."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from dbt.cli import requires
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from weir.core.settings import Settings, load
from weir.engines.embedded.lake import Lake
from weir.orchestra.configured import Configuration
from weir.orchestra.manifest import Parsed, arguments, environment, prepare
from weir.orchestra.slices import Slices

ROOT = Path(__file__).resolve().parents[2]
_BOUNDS = {"event_time_start": datetime(1998, 1, 1), "event_time_end": datetime(1998, 2, 1)}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    found = load(ROOT, tmp_path_factory.mktemp("home"), "")
    Lake(found).create()
    environment(found)
    return found


@pytest.fixture(scope="module")
def parsed(settings: Settings) -> Parsed:
    return prepare(settings)


def told(settings: Settings, manifest: Manifest, *command: str, **options: Any) -> Any:
    done = dbtRunner(manifest=manifest).invoke([*command, *arguments(settings)], **options)
    assert done.success, done.exception
    return done.result


def models(parsed: Parsed) -> list[str]:
    nodes = parsed.json["nodes"].values()
    return sorted(node["name"] for node in nodes if node["resource_type"] == "model")


def test_dbt_selects_the_same_models_and_tests(settings: Settings, parsed: Parsed) -> None:
    slices, every = Slices(parsed), models(parsed)
    assert len(every) > 10
    for model in every:
        select = ("ls", "--select", model, "--exclude-resource-type", "unit_test")
        found = told(settings, slices.of([model]), *select)
        assert found == told(settings, parsed.manifest(), *select)
        assert len(found) > 1  # with its tests


def test_what_is_no_model_and_what_nothing_needs_is_left_out(parsed: Parsed) -> None:
    slices, (first, *_) = Slices(parsed), models(parsed)
    assert slices.of(["--exclude", "nothing"]).nodes == {}
    assert 1 < len(slices.of([first]).nodes) < len(parsed.json["nodes"])


def test_dbt_compiles_the_same_statements_of_all_models(settings: Settings, parsed: Parsed) -> None:
    day = [
        node["name"]
        for node in parsed.json["nodes"].values()
        if node["config"].get("clock") == "day"
    ]
    command = ("compile", "--no-populate-cache", "--threads", "1", "--select", *day)

    def compiled(manifest: Manifest) -> dict[str, str]:
        with Configuration().kept():
            results = told(settings, manifest, *command, **_BOUNDS).results
        return {one.node.unique_id: one.node.compiled_code for one in results}

    found = compiled(Slices(parsed).of(day))
    assert found == compiled(parsed.manifest())
    assert len(found) > len(day)


def test_nodes_are_fresh_and_macros_are_shared(parsed: Parsed) -> None:
    slices, (first, *_) = Slices(parsed), models(parsed)
    one, other = slices.of([first]), slices.of([first])
    assert one.macros is other.macros
    assert one.nodes.keys() == other.nodes.keys()
    assert all(one.nodes[uid] is not other.nodes[uid] for uid in one.nodes)


def test_dbt_reads_project_and_profile_once(settings: Settings, parsed: Parsed) -> None:
    read: list[str] = []
    before = requires.load_project

    def counting(*args: Any, **options: Any) -> Any:
        read.append("project")
        return before(*args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requires, "load_project", counting)
        configuration = Configuration()
        for _ in range(3):
            with configuration.kept():
                told(settings, parsed.manifest(), "ls", "--select", "nothing_is_called_so")
        assert read == ["project"]
        told(settings, parsed.manifest(), "ls", "--select", "nothing_is_called_so")
    assert read == ["project", "project"]
