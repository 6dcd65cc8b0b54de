"""Reads a file of JSON or YAML into plain JSON values. What the values mean is not judged here."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from weir.core.errors import UsageError
from weir.registry.jsonread import MAX_DEPTH, NotJson, check_values, loads_strict

_YAML = (".yaml", ".yml")
MAX_BYTES = 10_000_000
MAX_WRITTEN_OUT = 1_000_000
"""Characters of a YAML text whose aliases are written out; a longer text may have its own length."""


def read_document(path: Path) -> Any:
    """Return the content of a `.json`, `.yaml` or `.yml` file (anything else is read as JSON).

    Raises:
        UsageError: if it cannot be read, is no valid JSON or YAML, or says a key twice.
    """
    kind = "YAML" if path.suffix in _YAML else "JSON"
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_BYTES:
            raise UsageError(f"{path} has {len(raw)} bytes.", f"A schema has {MAX_BYTES} at most.")
        return parse(raw.decode("utf-8-sig"), as_yaml=kind == "YAML")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", "Name a text file.") from None
    except NotJson as error:
        raise UsageError(f"{path} is no valid {kind}: {error}.", error.remedy) from None


def parse(text: str, *, as_yaml: bool = False) -> Any:
    """Return the JSON values of a text.

    Raises:
        NotJson: if the text is wrong; a key that stands twice in one object is.
    """
    return _from_yaml(text) if as_yaml else loads_strict(text)


def _from_yaml(text: str) -> Any:
    try:
        value = yaml.load(text, _Loader)  # noqa: S506 - a safe loader: it makes plain values only
    except RecursionError:
        what = f"objects and lists are nested deeper than {MAX_DEPTH} levels"
        raise NotJson(what, remedy="Write it flatter.") from None
    except (ValueError, yaml.YAMLError) as error:
        raise NotJson(str(error)) from None
    check_values(value, max(MAX_WRITTEN_OUT, len(text)))
    return value


class _Loader(yaml.SafeLoader):
    """YAML 1.2's JSON schema: `on` and `no` are words, a date is text, and no key stands twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's own signature
        """Return a mapping whose keys are text, as it is written."""
        del deep
        unique: dict[Hashable, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is no text", problem_mark=key.start_mark)
            if key.value in unique:
                what = f"the key `{key.value}` stands twice in one object"
                raise yaml.MarkedYAMLError(problem=what, problem_mark=key.start_mark)
            unique[key.value] = self.construct_object(value, deep=True)
        return unique


_KEEP = ("null", "int", "float", "str", "seq", "map")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag.rpartition(":")[2] in _KEEP]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
