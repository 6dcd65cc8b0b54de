"""What every test may use: the shared data folder."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

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
