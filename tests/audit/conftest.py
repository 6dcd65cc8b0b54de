"""A home, and its audit log."""

from __future__ import annotations

from pathlib import Path

import pytest

from weir.audit import AuditLog, log_of
from weir.core.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", project=tmp_path, actor="person:ann")


@pytest.fixture
def log(settings: Settings) -> AuditLog:
    return log_of(settings)
