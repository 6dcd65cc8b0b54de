"""Expressions as text that does not depend on names of steps, aliases, comments or layout.

Two expressions with one text have one value. The reverse is not promised: what is only written in
another way may have another text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from weir.lineage.columns.parsing import exp

_UNORDERED = (exp.EQ, exp.NEQ, exp.NullSafeEQ)
Special = Callable[[exp.Expr], str | None]


def text_of(node: exp.Expr, special: Special) -> str:
    """Return the canonical text of an expression.

    Args:
        node: the expression.
        special: returns the text of what depends on the query around it (columns, subqueries), None
            for all else.
    """
    if (told := special(node)) is not None:
        return told
    if isinstance(node, exp.Paren | exp.Alias):
        return text_of(node.this, special)
    return _call(*_parts(node, special))


def _parts(node: exp.Expr, special: Special) -> tuple[str, list[str]]:
    """Return the name of an expression and its parts, in an order that does not matter to its value."""
    name = type(node).__name__
    if isinstance(node, exp.And | exp.Or):
        return name, sorted({text_of(part, special) for part in node.flatten()})
    if isinstance(node, _UNORDERED):
        return name, sorted(text_of(side, special) for side in _sides(node))
    if isinstance(node, exp.GT | exp.GTE):
        turned = "LT" if isinstance(node, exp.GT) else "LTE"
        return turned, [text_of(side, special) for side in reversed(_sides(node))]
    if isinstance(node, exp.LT | exp.LTE):
        return name, [text_of(side, special) for side in _sides(node)]
    if isinstance(node, exp.In) and node.expressions:
        listed = sorted({text_of(one, special) for one in node.expressions})
        return name, [text_of(node.this, special), *listed]
    return name, list(_arguments(node, special))


def conditions(node: exp.Expr | None, special: Special) -> list[str]:
    """Return the parts of a condition that all must hold, sorted."""
    if node is None:
        return []
    inner = node.this if isinstance(node, exp.Where | exp.Having | exp.Qualify) else node
    inner = inner.unnest()
    parts = inner.flatten() if isinstance(inner, exp.And) else [inner]
    return sorted({text_of(part, special) for part in parts})


def _arguments(node: exp.Expr, special: Special) -> Iterator[str]:
    for name, value in sorted(node.args.items()):
        if value is None or value is False or value == []:
            continue
        yield f"{name}={_value(value, special)}"


def _value(value: Any, special: Special) -> str:
    if isinstance(value, exp.Expr):
        return text_of(value, special)
    if isinstance(value, list):
        return "[" + ",".join(_value(one, special) for one in value) + "]"
    return json.dumps(value, default=str)


def _sides(node: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
    return node.this, node.expression


def _call(name: str, parts: list[str]) -> str:
    return f"{name}({','.join(parts)})"
