"""Each format's own words: types, modes, names; what is read is written again, and the rest is told."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weir.core.errors import InvalidValue, UsageError
from weir.registry.exchange import detect, export_schema, import_schema
from weir.registry.findings import Findings
from weir.registry.lint import check_schema
from weir.registry.tree import from_json_schema, to_json_schema

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
NAME = st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z")


def both_ways(source: Any, form: str) -> Any:
    read = import_schema(source, form)
    assert not read.losses
    return export_schema(read.tree, form, "Event").document


def lost(source: Any, form: str) -> dict[str, str]:
    return {loss.pointer: loss.what for loss in import_schema(source, form).losses}


def exported(schema: dict[str, Any], form: str) -> tuple[Any, dict[str, str]]:
    made = export_schema(from_json_schema(schema)[0], form, "Event")
    return made.document, {loss.pointer: loss.what for loss in made.losses}


# Spark

SPARK = st.sampled_from(("string", "binary", "boolean", "byte", "short", "integer", "long", "double",
                         "date", "timestamp", "timestamp_ntz", "decimal(10,2)", "decimal(38,0)",
                         "decimal(5,5)"))  # fmt: skip


def spark_struct(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    said = st.sampled_from(({}, {"comment": "It."}, {"json_schema": {"title": "T"}}))
    field = st.fixed_dictionaries(
        {"name": NAME, "type": kind, "nullable": st.booleans(), "metadata": said}
    )
    fields = st.lists(field, min_size=1, max_size=3, unique_by=lambda field: field["name"])
    return st.fixed_dictionaries({"type": st.just("struct"), "fields": fields})


def spark_nested(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    array = {"type": st.just("array"), "elementType": kind, "containsNull": st.booleans()}
    mapped = {"type": st.just("map"), "keyType": st.just("string"), "valueType": kind,
              "valueContainsNull": st.booleans()}  # fmt: skip
    return st.one_of(
        st.fixed_dictionaries(array), st.fixed_dictionaries(mapped), spark_struct(kind)
    )


@QUICK
@given(spark_struct(st.recursive(SPARK, spark_nested, max_leaves=4)))
def test_any_spark_schema_comes_back(source):
    assert both_ways(source, "spark") == source


def spark(kind: Any, **field: Any) -> dict[str, Any]:
    return {"type": "struct", "fields": [{"name": "a", "type": kind, "nullable": False,
                                          "metadata": {}, **field}]}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "pointer"),
    [
        ("float", "/fields/0/type"),
        ("char(3)", "/fields/0/type"),
        ("interval day to second", "/fields/0/type"),
        ("decimal(5,-2)", "/fields/0/type"),
        ({"type": "map", "keyType": "long", "valueType": "string"}, "/fields/0/type/keyType"),
        ({"type": "udt", "class": "x.Y", "sqlType": "string"}, "/fields/0/type"),
        ({"type": "array", "elementType": "float", "containsNull": False}, "/fields/0/type/elementType"),
    ],
)  # fmt: skip
def test_what_spark_has_more_is_told(kind, pointer):
    assert pointer in lost(spark(kind), "spark")


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ({"metadata": {"comment": 3}}, "/fields/0/metadata/comment"),
        ({"metadata": {"json_schema": "x"}}, "/fields/0/metadata/json_schema"),
        ({"metadata": {"json": "x"}}, "/fields/0/metadata/json"),
        ({"nullable": "false"}, "/fields/0/nullable"),
    ],
)
def test_what_is_of_another_type_in_spark_is_told(field, pointer):
    assert pointer in lost(spark("string", **field), "spark")


def test_spark_metadata_and_unknown_keys_are_told():
    source = spark("string", metadata={"comment": "It.", "owner": "x"}, colour="red")
    assert lost(source, "spark").keys() == {"/fields/0/metadata/owner", "/fields/0/colour"}


def test_constraints_travel_in_sparks_metadata():
    schema = {"type": "object", "required": ["a"],
              "properties": {"a": {"type": "string", "pattern": "^x", "description": "It."}}}  # fmt: skip
    document, losses = exported(schema, "spark")
    assert document["fields"][0]["metadata"] == {"comment": "It.", "json_schema": {"pattern": "^x"}}
    assert losses == {}
    assert to_json_schema(import_schema(document).tree) == schema


# BigQuery

BIGQUERY = st.sampled_from(("STRING", "BYTES", "INTEGER", "FLOAT", "BOOLEAN", "TIMESTAMP", "DATE",
                            "TIME", "DATETIME", "JSON", "NUMERIC", "BIGNUMERIC"))  # fmt: skip
SIZES = st.sampled_from((
    {"type": "STRING", "maxLength": "12"},
    {"type": "BYTES", "maxLength": "12"},
    {"type": "NUMERIC", "precision": "10", "scale": "2"},
    {"type": "NUMERIC", "precision": "29", "scale": "0"},
    {"type": "BIGNUMERIC", "precision": "40", "scale": "20"},
))  # fmt: skip


def bigquery_fields(inner: st.SearchStrategy[Any] | None) -> st.SearchStrategy[Any]:
    kinds = [BIGQUERY.map(lambda name: {"type": name}), SIZES]
    if inner is not None:
        kinds.append(inner.map(lambda fields: {"type": "RECORD", "fields": fields}))
    rest = st.fixed_dictionaries(
        {"name": NAME, "mode": st.sampled_from(("NULLABLE", "REQUIRED", "REPEATED"))},
        optional={"description": st.just("It.")},
    )
    field = st.builds(lambda kind, more: {**kind, **more}, st.one_of(kinds), rest)
    usable = field.filter(lambda f: (f["type"], f["mode"]) != ("JSON", "REPEATED"))
    return st.lists(usable, min_size=1, max_size=3, unique_by=lambda field: field["name"])


@QUICK
@given(bigquery_fields(bigquery_fields(bigquery_fields(None))))
def test_any_bigquery_schema_comes_back(source):
    assert both_ways(source, "bigquery") == source


@pytest.mark.parametrize("name", ["INT64", "FLOAT64", "BOOL"])
def test_bigquery_names_of_one_type(name):
    document = both_ways([{"name": "a", "type": name.lower()}], "bigquery")
    assert document[0]["type"] == {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN"}[name]


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ({"type": "GEOGRAPHY"}, "/0/type"),
        ({"type": "RANGE", "rangeElementType": {"type": "DATE"}}, "/0/rangeElementType"),
        ({"type": "STRNG"}, "/0/type"),
        ({"type": "STRING", "mode": "OPTIONAL"}, "/0/mode"),
        ({"type": "STRING", "policyTags": {"names": ["x"]}}, "/0/policyTags"),
        ({"type": "STRING", "defaultValueExpression": "'x'"}, "/0/defaultValueExpression"),
        ({"type": "BYTES", "maxLength": "4"}, "/0/maxLength"),
        ({"type": "INTEGER", "maxLength": "3"}, "/0/maxLength"),
        ({"type": "NUMERIC", "scale": "3"}, "/0/scale"),
        ({"type": "RECORD", "fields": [], "maxLength": "3"}, "/0/maxLength"),
        ({"type": "STRING", "fields": [{"name": "b", "type": "STRING"}]}, "/0/fields"),
        ({"type": "STRING", "description": 3}, "/0/description"),
        ({"type": "STRING", "mode": False}, "/0/mode"),
        ({"type": "INTEGER", "precision": "3"}, "/0/precision"),
        ({"type": "NUMERIC", "precision": "3", "scale": "5"}, "/0/scale"),
    ],
)  # fmt: skip
def test_what_bigquery_has_more_is_told(field, pointer):
    assert pointer in lost([{"name": "a", **field}], "bigquery")


def test_bigquery_has_no_maps_and_no_lists_of_lists():
    schema = {"type": "object", "properties": {
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "grid": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        "tags": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
    }}  # fmt: skip
    document, losses = exported(schema, "bigquery")
    assert [(f["type"], f["mode"]) for f in document] == [
        ("JSON", "NULLABLE"), ("JSON", "NULLABLE"), ("STRING", "REPEATED"),
    ]  # fmt: skip
    assert losses.keys() >= {
        "/properties/counts/additionalProperties", "/properties/grid/items",
        "/properties/tags/minItems", "/properties/tags/items/minLength",
    }  # fmt: skip


def test_bigquery_columns_are_named_apart():
    schema = {"type": "object", "properties": {"A": {"type": "string"}, "a": {"type": "string"},
                                               "b-c": {"type": "string"}, "1": {"type": "string"}}}  # fmt: skip
    document, losses = exported(schema, "bigquery")
    assert [field["name"] for field in document] == ["A", "a_", "b_c", "_1"]
    assert losses.keys() >= {"/properties/a", "/properties/b-c", "/properties/1"}


# Avro

AVRO = st.sampled_from((
    "boolean", "int", "long", "double", "bytes", "string",
    {"type": "int", "logicalType": "date"}, {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "long", "logicalType": "local-timestamp-micros"},
    {"type": "long", "logicalType": "time-micros"}, {"type": "string", "logicalType": "uuid"},
    {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 3},
    ["string", "long"],
))  # fmt: skip


def avro_nested(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.fixed_dictionaries({"type": st.just("array"), "items": kind}),
        st.fixed_dictionaries({"type": st.just("map"), "values": kind}),
        st.lists(st.tuples(NAME, kind, st.booleans()), max_size=3, min_size=1,
                 unique_by=lambda field: field[0]).map(lambda fields: ("record", fields)),
    )  # fmt: skip


def built(kind: Any, names: list[str]) -> Any:
    """Give every record a name of its own."""
    if isinstance(kind, tuple):
        names.append(f"R{len(names)}")
        own = {"type": "record", "name": names[-1]}
        return {**own, "fields": [_avro_field(*field, names) for field in kind[1]]}
    if isinstance(kind, dict):
        return {key: built(value, names) if key in ("items", "values") else value
                for key, value in kind.items()}  # fmt: skip
    return kind


def _avro_field(name: str, kind: Any, optional: bool, names: list[str]) -> dict[str, Any]:
    made = built(kind, names)
    if not optional:
        return {"name": name, "doc": "It.", "type": made}
    return {
        "name": name,
        "type": ["null", *(made if isinstance(made, list) else [made])],
        "default": None,
    }


@QUICK
@given(st.lists(st.tuples(NAME, st.recursive(AVRO, avro_nested, max_leaves=4), st.booleans()),
                min_size=1, max_size=3, unique_by=lambda field: field[0]))  # fmt: skip
def test_any_avro_schema_comes_back(fields):
    source = built(("record", fields), [])
    fastavro.parse_schema(json.loads(json.dumps(source)))
    assert both_ways(source, "avro") == source


def avro(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": "E", "fields": list(fields), **more}


ADDRESS = {"type": "record", "name": "Address", "fields": [{"name": "city", "type": "string"}]}


def test_a_record_used_twice_stays_one():
    source = avro({"name": "home", "type": ADDRESS}, {"name": "work", "type": "Address"},
                  {"name": "past", "type": {"type": "array", "items": "Address"}})  # fmt: skip
    read = to_json_schema(import_schema(source).tree)
    assert read["properties"]["work"] == {"$ref": "#/$defs/Address"} == read["properties"]["home"]
    assert both_ways(source, "avro") == source


def test_a_record_may_contain_itself():
    source = avro({"name": "next", "type": ["null", "E"], "default": None})
    read = import_schema(source)
    assert to_json_schema(read.tree)["$defs"].keys() == {"E"}
    assert both_ways(source, "avro") == source


@pytest.mark.parametrize("outer", [False, True])
def test_a_record_that_contains_itself_is_refused_in_the_same_words(outer):
    inner = avro({"name": "next", "doc": "It.", "type": ["null", "E"], "default": None})
    source = {**avro({"name": "a", "doc": "It.", "type": inner}), "name": "F"} if outer else inner
    found = Findings("v1.json")
    check_schema(to_json_schema(import_schema(source).tree), found, {})
    assert [error.remedy for error in found.errors] == ["A column has a fixed depth: write it out."]


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ({"type": "float"}, "/fields/0/type"),
        ({"type": "string", "aliases": ["b"]}, "/fields/0/aliases"),
        ({"type": "string", "order": "ignore"}, "/fields/0/order"),
        ({"type": {"type": "enum", "name": "X", "symbols": ["A"], "default": "A"}}, "/fields/0/type/default"),
        ({"type": {"type": "fixed", "name": "X", "size": 4}}, "/fields/0/type/size"),
        ({"type": {"type": "long", "logicalType": "timestamp-millis"}}, "/fields/0/type/logicalType"),
        ({"type": {"type": "long", "logicalType": "ticks"}}, "/fields/0/type/logicalType"),
        ({"type": {"type": "string", "connect.name": "x"}}, "/fields/0/type/connect.name"),
        ({"type": {"type": "fixed", "name": "X", "size": 12, "logicalType": "duration"}}, "/fields/0/type/logicalType"),
        ({"type": {"type": "fixed", "name": "X", "size": 4, "logicalType": "uuid"}}, "/fields/0/type/logicalType"),
        ({"type": {"type": "fixed", "name": "X", "size": 16, "logicalType": "uuid"}}, "/fields/0/type/size"),
        ({"type": {"type": "record", "name": "X", "fields": [], "logicalType": "money"}}, "/fields/0/type/logicalType"),
        ({"type": {"type": "string", "precision": 3}}, "/fields/0/type/precision"),
        ({"type": {"type": "string", "json_schema": 3}}, "/fields/0/type/json_schema"),
        ({"type": "string", "doc": 3}, "/fields/0/doc"),
    ],
)  # fmt: skip
def test_what_avro_has_more_is_told(field, pointer):
    assert pointer in lost(avro({"name": "a", **field}), "avro")


def test_avro_values_fit_the_exported_schema():
    schema = {"type": "object", "required": ["a"], "properties": {
        "a": {"type": ["string", "null"]}, "b": {"type": "integer", "minimum": 0},
        "c": {"type": "array", "items": {"type": "object", "properties": {"d": {"type": "number"}}}},
        "e": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
    }}  # fmt: skip
    document, losses = exported(schema, "avro")
    assert losses.keys() == {""}  # only that absent and null become one
    parsed = fastavro.parse_schema(document)
    assert fastavro.validate({"a": None, "b": 1, "c": [{"d": 1.5}], "e": '"x"'}, parsed)
    assert not fastavro.validate({"b": "1"}, parsed, raise_errors=False)
    again = to_json_schema(
        import_schema(export_schema(from_json_schema(schema)[0], "avro", "E").document).tree
    )
    assert again["properties"]["e"] == schema["properties"]["e"]


# All

TABLES = ("spark", "bigquery", "avro")


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize("schema", [{"type": "string"}, {}, {"type": "object"}, {"anyOf": [{}, {}]},
                                    {"type": "object", "additionalProperties": {"type": "string"}}])  # fmt: skip
def test_only_an_object_is_a_table(form, schema):
    with pytest.raises(UsageError, match="no table"):
        export_schema(from_json_schema(schema)[0], form, "Event")


@pytest.mark.parametrize("form", TABLES)
def test_a_loop_ends_as_json_and_is_told(form):
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/node"}},
              "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}}}  # fmt: skip
    _, losses = exported(schema, form)
    if form != "avro":
        assert "contains itself" in losses["/$defs/node/properties/next/$ref"]


@pytest.mark.parametrize("form", TABLES)
def test_a_reference_to_elsewhere_is_told(form):
    schema = {"type": "object", "properties": {"a": {"$ref": "https://example.com/x"}}}
    _, losses = exported(schema, form)
    assert "is not in this schema" in losses["/properties/a/$ref"]


@pytest.mark.parametrize("source", [None, 1, "x", [], {}, [1], {"type": "struct"}, {"type": "record"},
                                    {"type": "struct", "fields": [{"name": "a"}]},
                                    {"fields": [{"name": 1, "type": "STRING"}]},
                                    {"type": "record", "name": "1 2", "fields": []}])  # fmt: skip
@pytest.mark.parametrize("form", ["auto", "iglu", *TABLES])
def test_garbage_is_refused_in_words(source, form):
    with contextlib.suppress(UsageError):  # anything else is a fault of ours
        import_schema(source, form)


@pytest.mark.parametrize(("form", "word"), [("spark", "StructType|struct"), ("bigquery", "bq show"),
                                            ("avro", "record"), ("iglu", "json-schema")])  # fmt: skip
def test_a_document_of_another_format_is_refused(form, word):
    with pytest.raises(UsageError, match=word):
        import_schema({"type": "object"}, form)


def test_formats_are_told_apart(avro_files, iglu):
    assert {detect(source) for source in avro_files.values()} == {"avro"}
    assert {detect(source) for source in iglu.values()} == {"iglu"}
    assert detect({"$schema": "http://json-schema.org/draft-07/schema#"}) == "json-schema"
    assert detect({"schema": {"fields": []}}) == "bigquery"
    with pytest.raises(InvalidValue, match="protobuf"):
        import_schema({}, "protobuf")
