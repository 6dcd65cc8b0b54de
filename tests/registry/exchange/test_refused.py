"""What no import may take: ambiguous, huge, too deep or of an unknown dialect. All of it is told."""

from __future__ import annotations

from typing import Any

import pytest

from weir.core.errors import UsageError
from weir.registry.exchange import export_schema, import_schema
from weir.registry.exchange.files import parse, read_document
from weir.registry.jsonread import NotJson
from weir.registry.tree import from_json_schema, to_json_schema
from weir.registry.tree.dialects import URIS

TWICE = [{"name": name, "type": "string"} for name in ("a", "b", "a")]


def spark(kind: Any, **field: Any) -> dict[str, Any]:
    return {"type": "struct", "fields": [{"name": "a", "type": kind, **field}]}


def avro(kind: Any) -> dict[str, Any]:
    return {"type": "record", "name": "E", "fields": [{"name": "a", "type": kind}]}


def decimal(precision: Any) -> dict[str, Any]:
    return avro({"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": 0})


def numeric(precision: Any, scale: Any = 0, name: str = "NUMERIC") -> list[dict[str, Any]]:
    return [{"name": "a", "type": name, "precision": precision, "scale": scale}]


@pytest.mark.parametrize(
    ("source", "at"),
    [
        ({"type": "struct", "fields": TWICE}, "/fields"),
        (spark({"type": "struct", "fields": TWICE}), "/fields/0/type/fields"),
        (TWICE, ""),
        ({"schema": {"fields": TWICE}}, "/schema/fields"),
        ([{"name": "x", "type": "RECORD", "fields": TWICE}], "/0/fields"),
        ({"type": "record", "name": "E", "fields": TWICE}, "/fields"),
        (avro({"type": "record", "name": "X", "fields": TWICE}), "/fields/0/type/fields"),
    ],
)
def test_two_fields_of_one_name(source, at):
    with pytest.raises(UsageError, match=f"`{at}/0` and `{at}/2` are both called `a`"):
        import_schema(source)


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (spark("decimal(99999999,0)"), "`/fields/0/type`"),
        (spark("decimal(39,0)"), "between 1 and 38"),
        (numeric("99999999"), "29 before it"),
        (numeric("30"), "`/0`"),
        (numeric("20", "10"), "9 digits after"),
        (numeric("77", "38", "BIGNUMERIC"), "38 before it"),
        (numeric("abc"), "`/0/precision` is no size: \"abc\""),
        (numeric("3", []), "`/0/scale` is no size"),
        (numeric(True), "`/0/precision` is no size"),
        ([{"name": "a", "type": "STRING", "maxLength": "9" * 5000}], "`/0/maxLength`"),
        (decimal(99999999), "between 1 and 76"),
        (decimal(77), "`/fields/0/type/precision`"),
        (spark("string", metadata=[]), "`/fields/0/metadata` are no object"),
        (spark("string", metadata=["x"]), "`/fields/0/metadata` are no object"),
        (spark("\ud800"), "`/fields/0/type`"),
        ({"properties": {"a": {"description": "\ud800"}}}, "`/properties/a/description`"),
        ({"minimum": float("inf")}, "`/minimum`"),
        ({"$schema": "http://json-schema.org/draft-03/schema#"}, "2020-12/schema"),
        ({"$schema": "https://example.com/draft-07"}, "`/\\$schema`"),
        ({"$schema": 7}, "`/\\$schema`"),
        ({"$schema": "http://example.com/x", "self": {}}, "is not known"),
    ],
)  # fmt: skip
def test_it_is_refused_with_its_place(source, word):
    with pytest.raises(UsageError, match=word):
        import_schema(source)


@pytest.mark.parametrize(
    "source",
    [spark("decimal(38,38)"), numeric("38", "9"), numeric("76", "38", "BIGNUMERIC"), decimal(76)],
)
def test_the_limits_themselves_are_read(source):
    assert not import_schema(source).losses


@pytest.mark.parametrize("end", ["", "#"])
@pytest.mark.parametrize("uri", [*URIS.values(), "iglu:com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0#"])  # fmt: skip
def test_every_known_dialect_is_read(uri, end):
    uri = uri.removesuffix("#") + end
    for given in (uri, uri.replace("http://", "https://")):
        assert import_schema({"$schema": given, "type": "object"}, "json-schema").format


def nested(levels: int, form: str) -> Any:
    kind: Any = {"spark": "string", "avro": "string"}.get(form, {"type": "string"})
    for level in range(levels):
        if form == "spark":
            kind = spark(kind)
        elif form == "avro":
            kind = {"type": "record", "name": f"E{level}", "fields": [{"name": "a", "type": kind}]}
        elif form == "bigquery":
            kind = [{"name": "a", **(kind if level == 0 else {"type": "RECORD", "fields": kind})}]
        else:
            kind = {"type": "object", "properties": {"a": kind}}
    return kind


@pytest.mark.parametrize("form", ["json-schema", "spark", "avro", "bigquery"])
def test_what_is_nested_too_deep(form):
    for levels in (101, 300, 5000):
        with pytest.raises(UsageError, match="deeper than 100 levels"):
            import_schema(nested(levels, form), form)
    read = import_schema(nested(32, form), form)
    for other in ("spark", "avro", "bigquery"):
        export_schema(read.tree, other, "E")


def test_what_becomes_too_deep():
    fields: Any = [{"name": "a", "type": "STRING"}]
    for _ in range(45):
        fields = [{"name": "a", "type": "RECORD", "mode": "REPEATED", "fields": fields}]
    with pytest.raises(UsageError, match="that it would become"):
        import_schema(fields)


def test_aliases_of_yaml_are_not_written_out():
    text = "a0: &a0 [x]\n"
    text += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    with pytest.raises(NotJson, match="more than 1000000 characters"):
        parse(text, as_yaml=True)
    assert parse("a: &a [1]\nb: *a", as_yaml=True) == {"a": [1], "b": [1]}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: &a [*a]", "recursive"),
        ("? [a, b]\n: 1", "a key is no text"),
        ("a: .inf", "/a"),
        ("a: !!binary aGk=", "a bytes is no JSON value"),
        ("a: 0x" + "f" * 5000, "20000 bits"),
        ("- " * 3000 + "1", "100 levels"),
        ("[" * 150 + "]" * 150, "100 levels"),
    ],
)
def test_what_yaml_has_more_than_json(text, word):
    with pytest.raises(NotJson, match=word):
        parse(text, as_yaml=True)


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_a_byte_order_mark_is_no_mistake(tmp_path, name):
    (tmp_path / name).write_bytes(b'\xef\xbb\xbf{"type": "object"}')
    assert read_document(tmp_path / name) == {"type": "object"}


@pytest.mark.parametrize("text", ['{"maximum": 1e400}', '{"maximum": -Infinity}'])
def test_a_number_that_is_not_finite(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(UsageError, match=r"no JSON number that can be kept \(at `/maximum`\)"):
        read_document(tmp_path / "a.json")


def test_a_whole_table_of_bigquery():
    table = {
        "kind": "bigquery#table", "description": "Orders.", "labels": {"team": "shop"},
        "timePartitioning": {"type": "DAY"}, "clustering": {"fields": ["a"]},
        "tableConstraints": {"primaryKey": {"columns": ["a"]}},
        "schema": {"fields": [{"name": "a", "type": "STRING"}], "foreignTypeInfo": {"typeSystem": "HIVE"}},
    }  # fmt: skip
    read = import_schema(table)
    assert to_json_schema(read.tree)["description"] == "Orders."
    assert {loss.pointer for loss in read.losses} == {
        "/kind", "/labels", "/timePartitioning", "/clustering", "/tableConstraints",
        "/schema/foreignTypeInfo",
    }  # fmt: skip
    assert "/description" in {
        one.pointer for one in import_schema({**table, "description": 3}).losses
    }


def test_a_uuid_of_16_bytes_is_a_uuid():
    read = import_schema(avro({"type": "fixed", "name": "X", "size": 16, "logicalType": "uuid"}))
    assert to_json_schema(read.tree)["properties"]["a"]["format"] == "uuid"


def test_decimals_beyond_avros_limit_are_written_as_numbers():
    limit = 10**80
    own = {"type": "integer", "exclusiveMinimum": -limit, "exclusiveMaximum": limit}
    tree, _ = from_json_schema({"type": "object", "properties": {"a": own}})
    out = export_schema(tree, "avro", "E").document
    assert import_schema(out).tree
    assert out["fields"][0]["type"][1]["type"] == "double"
