"""Python 3.11 and newer: one module per event in a package, dataclasses and typed dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from weir.registry.types.typed import CONTEXT, SHARED_MARK, Typed

OPTIONS = {"python-version": "3.10"}


def files(events: Sequence[Typed], bodies: Mapping[str, str]) -> dict[str, str]:
    """Return every file of the package."""
    made = {f"{one.name}.py": _event(one, bodies[one.name]) for one in events}
    return {**made, "__init__.py": _index(events), "envelope.py": _envelope(), "py.typed": ""}


def _index(events: Sequence[Typed]) -> str:
    imports = "".join(f"from .{one.name} import {one.type_name}, {one.name}\n" for one in events)
    names = ["Context", "Event", *(n for one in events for n in (one.type_name, one.name))]
    listed = "".join(f'    "{name}",\n' for name in sorted(names))
    return f"# {SHARED_MARK}\nfrom .envelope import Context, Event\n{imports}\n__all__ = [\n{listed}]\n"


def _envelope() -> str:
    fields = "".join(f'    {key}: str\n    """{text}"""\n\n' for key, text in CONTEXT.items())
    return f'''\
# {SHARED_MARK}
from typing import Any, Required, TypedDict


class Context(TypedDict, total=False):
    """What the sender may say of an event besides its parameters."""

{fields.rstrip()}


class Event(Context):
    """One event, ready for the client's `track`."""

    name: Required[str]
    version: Required[int]
    params: Required[dict[str, Any]]
'''


def _event(one: Typed, body: str) -> str:
    text = one.comment.replace('"""', "'''")
    advice = f"\n\n    Deprecated. {one.advice}" if one.deprecated else ""
    imports, rest = _split(body)
    more = "Callable, Unpack" if "Callable" in rest and "Callable" not in imports else "Unpack"
    return f'''\
# {one.mark}
{imports}from typing import {more}

from .envelope import Context, Event

{rest}

def {one.name}(params: {one.type_name}, **context: Unpack[Context]) -> Event:
    """{text}{advice}
    """
    return {{
        "name": "{one.name}",
        "version": {one.version},
        "params": params.to_dict(),
        **context,
    }}
'''


def _split(body: str) -> tuple[str, str]:
    """Return the imports and the rest of a module."""
    lines = body.splitlines(keepends=True)
    heads = ("from ", "import ")
    count = next((i for i, line in enumerate(lines) if not line.startswith(heads)), 0)
    return "".join(lines[:count]), "".join(lines[count:]).lstrip("\n")
