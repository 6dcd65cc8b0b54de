"""What every test may use: the shared data folder."""

import os
import pickle
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


@pytest.fixture(scope="session", autouse=True)
def _parse_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Parse the same dbt files once for all homes of a session: it takes seconds, and most tests have a home."""
    parse, folder = manifest._parse, tmp_path_factory.mktemp("parsed")

    def parsed(settings: Settings) -> Manifest:
        kept = folder / manifest._version(manifest.project_dir(settings))
        if kept.is_file():
            manifest.environment(settings)
            return manifest.Parsed({}, kept).manifest()
        found = parse(settings)
        kept.write_bytes(pickle.dumps(found))
        return found

    manifest._parse = parsed
