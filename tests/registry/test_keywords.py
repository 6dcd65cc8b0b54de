"""Unknown keywords of foreign schemas: by hand, and in two published corpora."""

from __future__ import annotations

import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from weir.registry.findings import Finding
from weir.registry.keywords import unknown_keywords
from weir.registry.vocabulary import DIALECTS, LIST, MAP, SCHEMA, dialect_of


def files(archive: Path, name: str) -> Iterator[Any]:
    with tarfile.open(archive) as packed:
        for member in packed:
            if member.isfile() and re.search(name, member.name):
                text = packed.extractfile(member).read()  # type: ignore[union-attr]
                yield yaml.safe_load(text) if name.endswith("yaml$") else json.loads(text)


@pytest.fixture(scope="module")
def wikimedia(shared: Path) -> list[Finding]:
    archive = shared / "data/schemas/wikimedia_schemas_event_secondary.tar.gz"
    schemas = list(files(archive, r"/\d+\.\d+\.\d+\.yaml$"))
    assert len(schemas) == 427
    return [finding for schema in schemas for finding in unknown_keywords(schema)]


def test_every_mistyped_keyword_of_wikimedia_is_found(wikimedia: list[Finding]):
    named = Counter(
        (f.pointer.rpartition("/")[2], f.suggestion) for f in wikimedia if f.suggestion is not None
    )
    assert named == {
        ("mexLength", "maxLength"): 26,
        ("maxiumum", "maximum"): 24,
        ("descripotion", "description"): 2,
        ("descriptions", "description"): 1,
    }


def test_a_property_outside_properties_is_told_where_to_go(wikimedia: list[Finding]):
    lost = [f for f in wikimedia if f.rule == "outside_properties"]
    assert [f.pointer.rpartition("/")[2] for f in lost] == ["off"]
    assert "move it into `properties` of /properties/feed_enabled_list/" in lost[0].remedy


def test_iglu_has_none(shared: Path):
    schemas = list(files(shared / "data/schemas/iglu_schemas.tar.gz", r"/jsonschema/\d+-\d+-\d+$"))
    assert len(schemas) == 660
    assert [f for schema in schemas for f in unknown_keywords(schema)] == []


NEWEST_FIRST = ("2020-12", "2019-09", "draft-07")
BAD = {"type": "string", "mexLength": 3}
PLACES: list[tuple[Any, str]] = [
    (BAD, ""),
    ({"items": BAD}, "/items"),
    ({"items": [{}, BAD]}, "/items/1"),
    *(({key: BAD}, f"/{key}") for key in SCHEMA),
    *(({key: [{}, BAD]}, f"/{key}/1") for key in LIST),
    *(({key: {"a/b": BAD}}, f"/{key}/a~1b") for key in MAP),
    ({"prperties": {"type": "object", "items": BAD}}, "/prperties/items"),
]


@pytest.mark.parametrize(("schema", "at"), PLACES)
def test_it_is_found_wherever_a_schema_may_stand(schema: Any, at: str):
    dialect = next((d for d in NEWEST_FIRST if schema.keys() <= DIALECTS[d]), "2020-12")
    found = [f for f in unknown_keywords(schema, dialect) if f.pointer.endswith("mexLength")]
    assert [(f.pointer, f.suggestion) for f in found] == [(f"{at}/mexLength", "maxLength")]


@pytest.mark.parametrize("key", ["enum", "const", "default", "examples"])
def test_data_is_not_looked_into(key: str):
    value = [BAD] if key in ("enum", "examples") else BAD
    assert unknown_keywords({key: value}) == []


@pytest.mark.parametrize(
    ("keyword", "first"),
    [("const", "draft-06"), ("if", "draft-07"), ("$defs", "2019-09"), ("prefixItems", "2020-12")],
)
def test_a_keyword_before_its_dialect_checks_nothing(keyword: str, first: str):
    order = ["draft-04", "draft-06", "draft-07", "2019-09", "2020-12"]
    for dialect in order:
        early = order.index(dialect) < order.index(first)
        assert bool(unknown_keywords({keyword: {}}, dialect)) is early


@pytest.mark.parametrize("schema", [True, False, None, 3, "x", [], {"properties": 3, "items": 4}])
def test_what_is_no_schema_has_no_keywords(schema: Any):
    assert unknown_keywords(schema) == []


def test_every_dialect_is_told_by_its_address():
    for dialect in DIALECTS.keys() - {"iglu"}:
        for form in ("http://json-schema.org/{}/schema#", "https://json-schema.org/{}/schema"):
            assert dialect_of(form.format(dialect)) == dialect
            assert dialect_of(form.format(f"draft/{dialect}")) == dialect
