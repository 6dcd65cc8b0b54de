"""Reusable parts of schemas: `fragments/<name>/v<N>.json`, named by `$ref: "fragment:<name>/<N>"`.

The version is part of the reference, so an event never changes because a fragment got a new one.
What a reference becomes is `weir.registry.references`; linting is `weir.registry.lint`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

FOLDER = "fragments"
PREFIX = "fragment:"
Fragments: TypeAlias = Mapping[str, Any]
"""Schemas as parsed, by `name/version`."""

_NAME = re.compile(r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$")
_FILE = re.compile(r"^v([1-9][0-9]{0,8})\.json$")


class FragmentFile(NamedTuple):
    """One file of the folder; `key` is `name/version`, or None if it is named otherwise."""

    key: str | None
    path: Path


def fragment_files(events_dir: Path) -> Iterator[FragmentFile]:
    """Yield the files of the fragments' folder, in order."""
    for path in sorted((events_dir / FOLDER).glob("*/*")):
        match = _FILE.match(path.name)
        right = match and _NAME.match(path.parent.name)
        yield FragmentFile(f"{path.parent.name}/{match[1]}" if match and right else None, path)


def stand_in(content: Any) -> dict[str, Any]:
    """Return what takes the place of a wrong fragment, so that its mistakes are told once."""
    said = content.get("description") if isinstance(content, dict) else None
    return {"description": said if isinstance(said, str) and said else "A wrong fragment."}
