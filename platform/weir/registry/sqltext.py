"""A macro call as text, in the form that sqlfmt keeps: one line if it fits, else one item a line."""

from __future__ import annotations

from typing import Any

import orjson

WIDTH = 100
_STEP = "    "


def call(macro: str, *arguments: Any) -> str:
    """Return `{{ macro(arguments) }}` for arguments of JSON values.

    >>> call("event_log", "click_item_home", "bulk", [])
    '{{ event_log("click_item_home", "bulk", []) }}'
    """
    line = f"{macro}({', '.join(_inline(a) for a in arguments)})"
    if len(line) + len("{{  }}") <= WIDTH:
        return f"{{{{ {line} }}}}"
    inner = _items([_block(a, 2, "") for a in arguments], 2)
    return f"{{{{\n{_STEP}{macro}(\n{inner}{_STEP})\n}}}}"


def _items(texts: list[str], depth: int) -> str:
    return "".join(f"{_STEP * depth}{text},\n" for text in texts)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_inline(k)}: {_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(v) for v in value) + "]"
    return orjson.dumps(value).decode()


def _block(value: Any, depth: int, prefix: str) -> str:
    """Return an item with its key; the comma after it counts for the width."""
    line = prefix + _inline(value)
    fits = len(_STEP) * depth + len(line) + 1 <= WIDTH
    if fits or not value or not isinstance(value, dict | list):
        return line
    if isinstance(value, dict):
        inner = [_block(v, depth + 1, f"{_inline(k)}: ") for k, v in value.items()]
    else:
        inner = [_block(v, depth + 1, "") for v in value]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return f"{prefix}{opening}\n{_items(inner, depth + 1)}{_STEP * depth}{closing}"
