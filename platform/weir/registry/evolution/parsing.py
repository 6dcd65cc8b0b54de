"""Reads the type of a table's column, as DuckDB prints it, back into a structure."""

from __future__ import annotations

from weir.registry.evolution.structures import Structure

_STRUCT = "STRUCT("


def parse(text: str) -> Structure:
    """Return the structure of a type that DuckDB prints.

    >>> parse('STRUCT(dir VARCHAR, "order" BIGINT[])[]')
    [{'dir': 'VARCHAR', 'order': ['BIGINT']}]
    >>> parse("MAP(VARCHAR, BIGINT)")
    'MAP(VARCHAR, BIGINT)'
    """
    if text.endswith("[]"):
        return [parse(text[:-2])]
    if not text.startswith(_STRUCT):
        return text
    pairs = (field.split(" ", 1) for field in _fields(text[len(_STRUCT) : -1]))
    return {name.strip('"'): parse(kind) for name, kind in pairs}


def _fields(text: str) -> list[str]:
    """Split at the commas that stand in no brackets."""
    found, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return [field.strip() for field in found]
