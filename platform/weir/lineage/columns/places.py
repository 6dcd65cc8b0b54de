"""Places inside a column: the paths by which SQL reads JSON and records."""

from __future__ import annotations

from weir.lineage.columns.parsing import exp

_SAME = (exp.Paren, exp.Alias, exp.ParseJSON, exp.FromJson)


def place_of(node: exp.Expr | None) -> tuple[exp.Column, str] | None:
    """Return the column that an expression reads one place of, and that place; None for any other.

    Casts to JSON and `from_json` change how a value is held, not which one it is.
    """
    if isinstance(node, exp.Column):
        return (node, "")
    inner = _inside(node)
    if inner is None or (found := place_of(inner[0])) is None:
        return None
    return (found[0], found[1] + inner[1])


def _inside(node: exp.Expr | None) -> tuple[exp.Expr, str] | None:
    """Return the expression that a node takes a part of, and the part."""
    if isinstance(node, _SAME):
        return (node.this, "")
    if isinstance(node, exp.Cast):
        return (node.this, "") if node.to.this == exp.DataType.Type.JSON else None
    if isinstance(node, exp.Dot):
        return (node.this, f".{node.expression.name}")
    if isinstance(node, exp.JSONExtract | exp.JSONExtractScalar):
        path = _path(node.expression)
        return None if path is None else (node.this, path)
    return None


def _path(path: exp.Expr | None) -> str | None:
    """Return a literal JSON path as `.a.b`, up to the first list that it goes into."""
    if not isinstance(path, exp.JSONPath):
        return None
    keys = []
    for part in path.expressions:
        if isinstance(part, exp.JSONPathRoot):
            continue
        if not isinstance(part, exp.JSONPathKey) or not isinstance(part.this, str):
            break
        keys.append(f".{part.this}")
    return "".join(keys)
