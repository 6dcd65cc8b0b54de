"""A macro call as text, in the form that sqlfmt keeps: one line if it fits, else one item a line."""

from __future__ import annotations

from typing import Any

import orjson

WIDTH = 100
_INSIDE = WIDTH - 2  # what sqlfmt gives to black inside braces
_STEP = "    "


def call(macro: str, *arguments: Any) -> str:
    """Return `{{ macro(arguments) }}` for two or more arguments of JSON values.

    >>> call("event_log", "click_item_home", "bulk", [])
    '{{ event_log("click_item_home", "bulk", []) }}'
    >>> call("event_log", "click_item_home", True)  # as Python and Jinja both write it
    '{{ event_log("click_item_home", True) }}'
    """
    line = f"{macro}({', '.join(_inline(a) for a in arguments)})"
    if len(line) + len("{{  }}") <= WIDTH:
        return f"{{{{ {line} }}}}"
    inner = _items([("", argument) for argument in arguments], 2)
    return f"{{{{\n{_STEP}{macro}(\n{inner}{_STEP})\n}}}}"


def _items(items: list[tuple[str, Any]], depth: int) -> str:
    """Return one item a line; black puts a last comma only where there is one already."""
    comma = "," if len(items) > 1 else ""
    blocks = (_block(value, depth, prefix, comma) for prefix, value in items)
    return "".join(f"{_STEP * depth}{block}{comma}\n" for block in blocks)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_inline(k)}: {_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(v) for v in value) + "]"
    return str(value) if isinstance(value, bool) else orjson.dumps(value).decode()


def _block(value: Any, depth: int, prefix: str, comma: str) -> str:
    line = prefix + _inline(value)
    fits = len(_STEP) * depth + len(line) + len(comma) <= _INSIDE
    if fits or not value or not isinstance(value, dict | list):
        return line
    if isinstance(value, dict):
        opening, closing = "{", "}"
        items = [(f"{_inline(key)}: ", inner) for key, inner in value.items()]
    else:
        opening, closing = "[", "]"
        items = [("", inner) for inner in value]
    return f"{prefix}{opening}\n{_items(items, depth + 1)}{_STEP * depth}{closing}"
