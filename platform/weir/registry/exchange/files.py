"""Reads a file of JSON or YAML into plain JSON values. What the values mean is not judged here."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from weir.core.errors import UsageError

_YAML = (".yaml", ".yml")
MAX_BYTES = 10_000_000


def read_document(path: Path) -> Any:
    """Return the content of a `.json`, `.yaml` or `.yml` file (anything else is read as JSON).

    Raises:
        UsageError: if it cannot be read, is no valid JSON or YAML, or says a key twice.
    """
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_BYTES:
            raise UsageError(f"{path} has {len(raw)} bytes.", f"A schema has {MAX_BYTES} at most.")
        return parse(raw.decode(), as_yaml=path.suffix in _YAML)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", "Name a text file.") from None
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        kind = "YAML" if path.suffix in _YAML else "JSON"
        raise UsageError(f"{path} is no valid {kind}: {error}.", "Correct the text.") from None


def parse(text: str, *, as_yaml: bool = False) -> Any:
    """Return the JSON values of a text.

    Raises:
        ValueError: if the text is wrong; a key that stands twice in one object is.
    """
    if as_yaml:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader: it makes plain values only
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_finite)


class _Loader(yaml.SafeLoader):
    """YAML 1.2's JSON schema: `on` and `no` are words, a date is text, and no key stands twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's own signature
        """Return a mapping whose keys are text."""
        del deep
        pairs = [
            (str(self.construct_object(key, deep=True)), self.construct_object(value, deep=True))
            for key, value in node.value
        ]
        unique: dict[Hashable, Any] = {}
        unique.update(_unique(pairs))
        return unique


_KEEP = ("null", "int", "float", "str", "seq", "map")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag.rpartition(":")[2] in _KEEP]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key `{twice}` stands twice in one object")
    return unique


def _finite(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON number")
