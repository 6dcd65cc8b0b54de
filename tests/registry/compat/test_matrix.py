"""The 24 cases of adding and removing a property, by what undeclared keys count for.

The cases are those of Confluent's schema registry (content strict or lenient; model open or closed;
a property added or removed; required, required with a default, optional). What a removal does to a
column is not theirs, and tested beside this.

In three of the 24 the verdict is not theirs: a property that is added, required and has a default.
Confluent's readers fill it in, as Avro's do. JSON Schema's `default` fills in nothing, nor does
anything in Weir: an old event lacks the key, and the collector that judges it again refuses it.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from weir.registry.compat import compare

KINDS = ("required", "default", "optional")
BREAKS = {
    # content, model, change: the kinds that are backward incompatible
    ("strict", "open", "add"): KINDS,  # an undeclared one of another type may have been sent
    ("strict", "open", "remove"): (),
    ("strict", "closed", "add"): ("required", "default"),
    ("strict", "closed", "remove"): KINDS,
    ("lenient", "open", "add"): ("required", "default"),
    ("lenient", "open", "remove"): (),
    ("lenient", "closed", "add"): ("required", "default"),
    # every earlier event has it, and a closed model refuses each: not what lenient can mean
    ("lenient", "closed", "remove"): ("required", "default"),
}
CASES = [(*case, kind) for case, kind in itertools.product(BREAKS, KINDS)]


def schema(model: str, kind: str | None) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}
    if model == "closed":
        made["additionalProperties"] = False
    if kind:
        made["properties"]["b"] = {"type": "string"}
        if kind != "optional":
            made["required"] = ["b"]
        if kind == "default":
            made["properties"]["b"]["default"] = "x"
    return made


def test_they_are_24():
    assert len(CASES) == 24


@pytest.mark.parametrize(("content", "model", "change", "kind"), CASES)
def test_adding_and_removing_a_property(content: Any, model: str, change: str, kind: str) -> None:
    without, with_it = schema(model, None), schema(model, kind)
    old, new = (without, with_it) if change == "add" else (with_it, without)
    found = list(compare(old, new, content))
    assert [one.pointer for one in found] == ["/properties/b"]
    assert found[0].backward == (kind in BREAKS[content, model, change])
    assert found[0].remedy or not found[0].hurts
    assert found[0].columns == (change == "remove")
