"""Fixtures: the published schemas of two event registries, read from their archives."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from weir.registry.exchange.files import parse
from weir.registry.findings import Finding
from weir.registry.tree import Tree, from_json_schema

Corpus = dict[str, tuple[Any, Tree, list[Finding]]]
"""By file name: the schema, its tree, what was found."""

VERSION = re.compile(r"/\d+\.\d+\.\d+\.yaml$")


def _members(archive: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(archive) as opened:
        for member in opened:
            if member.isfile():
                yield member.name, opened.extractfile(member).read().decode()  # type: ignore[union-attr]


@pytest.fixture(scope="session")
def iglu(shared: Path) -> Corpus:
    members = _members(shared / "data" / "schemas" / "iglu_schemas.tar.gz")
    return _read({name: json.loads(text) for name, text in members if "/jsonschema/" in name})


@pytest.fixture(scope="session")
def wikimedia(shared: Path) -> Corpus:
    members = _members(shared / "data" / "schemas" / "wikimedia_schemas_event_secondary.tar.gz")
    return _read({n: parse(text, as_yaml=True) for n, text in members if VERSION.search(n)})


def _read(schemas: dict[str, Any]) -> Corpus:
    return {name: (schema, *from_json_schema(schema)) for name, schema in schemas.items()}
