"""Every published schema out to every table format and back: stable, and nothing lost in silence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from weir.core.errors import UsageError
from weir.registry.exchange import export_schema, import_schema
from weir.registry.tree import Tree, from_json_schema, to_json_schema
from weir.registry.vocabulary import LIST, MAP, SCHEMA

TABLES = ("spark", "bigquery", "avro")


@pytest.fixture(scope="module")
def trees(iglu, wikimedia) -> dict[str, Tree]:
    some = dict(sorted(iglu.items())[::3])
    every = {name: from_json_schema(schema)[0] for name, schema in (some | wikimedia).items()}
    return {name: tree for name, tree in every.items() if _is_table(tree)}


def _is_table(tree: Tree) -> bool:
    try:
        return bool(export_schema(tree, "bigquery", "Event"))
    except UsageError:
        return False


def test_enough_of_them_are_tables(trees):
    assert len(trees) > 300


@pytest.mark.parametrize("form", TABLES)
def test_out_and_in_and_out_again_is_stable(trees, form):
    for name, tree in trees.items():
        out = export_schema(tree, form, "Event").document
        back = import_schema(json.loads(json.dumps(out)), form)
        assert not back.losses, name
        again = export_schema(back.tree, form, "Event")
        assert again.document == out, name


@pytest.mark.parametrize("form", TABLES)
def test_every_keyword_is_in_the_result_or_in_the_losses(trees, form):
    """Counted by pointer over all schemas: a keyword is carried, said by a type, or listed."""
    silent: Counter[str] = Counter()
    for name, tree in trees.items():
        schema = to_json_schema(tree)
        exported = export_schema(tree, form, "Event")
        text = json.dumps(exported.document)
        lost = {loss.pointer for loss in exported.losses}
        back = to_json_schema(import_schema(exported.document, form).tree)
        for at, key, value in _keywords(schema):
            place = f"{at}/{key}"
            said = (
                key in ("type", "properties", "items", "$ref", "$defs", "$schema")
                or place == "/$id"
            )
            if said or place in lost or any(place.startswith(f"{one}/") or one.startswith(f"{place}/") for one in lost if one):  # fmt: skip
                continue
            if not _survives(key, value, text, back):
                silent[f"{place} in {name}"] += 1
    assert not silent, silent.most_common(9)


def _survives(key: str, value: Any, text: str, back: Any) -> bool:
    if key in ("description", "title"):
        return json.dumps(value) in text
    if key in ("anyOf", "oneOf") and {"type": "null"} in value:
        return True  # it says that null is allowed, and so does the table
    if key == "required":
        return (
            '"required"' in json.dumps(back) or '"REQUIRED"' in text or '"nullable": false' in text
        )
    return f'"{key}"' in json.dumps(back)


def _keywords(schema: Any, at: str = "") -> Iterator[tuple[str, str, Any]]:
    for key, value in schema.items() if isinstance(schema, dict) else ():
        yield at, key, value
        if key in MAP and isinstance(value, dict):
            for name, inner in value.items():
                yield from _keywords(inner, f"{at}/{key}/{_token(name)}")
        elif key in LIST and isinstance(value, list):
            for index, inner in enumerate(value):
                yield from _keywords(inner, f"{at}/{key}/{index}")
        elif key in SCHEMA or key == "items":
            yield from _keywords(value, f"{at}/{key}")


def _token(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def test_published_avro_files(avro_files):
    assert len(avro_files) == 16
    for name, source in avro_files.items():
        read = import_schema(source, "auto")
        assert read.format == "avro"
        assert not read.findings, name
        lost = {loss.pointer.rpartition("/")[2] for loss in read.losses}
        assert lost <= {"logicalType"}, (name, read.losses)
        out = export_schema(read.tree, "avro", "Event").document
        again = export_schema(import_schema(out, "avro").tree, "avro", "Event").document
        assert again == out, name
        assert out["name"].rpartition(".")[2] == source["name"]
        assert [field["name"] for field in out["fields"]] == [f["name"] for f in source["fields"]]
