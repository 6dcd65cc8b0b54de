"""What every test may use: the shared data folder."""

import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dbt.contracts.graph.manifest import Manifest
from hypothesis import settings

from weir.core.settings import Settings
from weir.orchestra import manifest

settings.register_profile("weir", deadline=None)  # machines are noisy: no test is timed
settings.load_profile("weir")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared real data (`WEIR_SHARED`, default `../shared`); absent in CI is a failure."""
    folder = (ROOT / os.environ.get("WEIR_SHARED", "../shared")).resolve()
    if folder.is_dir():
        return folder
    if os.environ.get("WEIR_CI"):
        pytest.fail(f"CI needs the shared data: {folder} is absent")
    pytest.skip(f"the shared data is absent: {folder} (set WEIR_SHARED)")


@pytest.fixture(scope="module", autouse=True)
def _environment_of_a_module() -> Iterator[None]:
    """Put the environment back as it was: opening a home sets what dbt and Dagster read from it."""
    with as_it_was():
        yield


@pytest.fixture(autouse=True)
def _environment_of_a_test(_environment_of_a_module: None) -> Iterator[None]:
    with as_it_was():
        yield


@contextmanager
def as_it_was() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session", autouse=True)
def _parse_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Parse the same dbt files once for all homes of a session: it takes seconds, and most tests have a home."""
    parse, folder = manifest._parse, tmp_path_factory.mktemp("parsed")

    def parsed(settings: Settings) -> Manifest:
        version = manifest._version(manifest.project_dir(settings))
        where = f"{bool(settings.env)}-{bool(settings.catalog)}"  # other schemas, another target
        kept = folder / f"{version}-{where}"
        manifest.environment(settings)
        if not kept.is_file():
            kept.write_bytes(pickle.dumps(manifest.Packed.of(parse(settings))))
        return manifest.Parsed({}, kept).manifest()

    manifest._parse = parsed
