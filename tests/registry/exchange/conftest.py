"""Fixtures: published schemas and Avro files, read from their archives."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from weir.registry.exchange.files import parse


def _members(archive: Path, wanted: str) -> Iterator[tuple[str, str]]:
    with tarfile.open(archive) as opened:
        for member in opened:
            if member.isfile() and re.search(wanted, member.name):
                yield member.name, opened.extractfile(member).read().decode()  # type: ignore[union-attr]


@pytest.fixture(scope="session")
def iglu(shared: Path) -> dict[str, Any]:
    archive = shared / "data" / "schemas" / "iglu_schemas.tar.gz"
    return {name: json.loads(text) for name, text in _members(archive, "/jsonschema/")}


@pytest.fixture(scope="session")
def avro_files(shared: Path) -> dict[str, Any]:
    archive = shared / "data" / "schemas" / "iglu_schemas.tar.gz"
    return {name: json.loads(text) for name, text in _members(archive, "/avro/")}


@pytest.fixture(scope="session")
def wikimedia(shared: Path) -> dict[str, Any]:
    """The newest version of each family: the others differ little."""
    newest = {name.rpartition("/")[0]: text for name, text in _wikimedia(shared)}
    return {name: parse(text, as_yaml=True) for name, text in newest.items()}


@pytest.fixture(scope="session")
def wikimedia_versions(shared: Path) -> dict[str, Any]:
    return {name: parse(text, as_yaml=True) for name, text in _wikimedia(shared)}


def _wikimedia(shared: Path) -> list[tuple[str, str]]:
    archive = shared / "data" / "schemas" / "wikimedia_schemas_event_secondary.tar.gz"
    return sorted(_members(archive, r"/\d+\.\d+\.\d+\.yaml$"))
