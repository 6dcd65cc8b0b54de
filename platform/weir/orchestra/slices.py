"""dbt manifests of only what a run needs: its time does not grow with the project.

dbt reads, walks and lists all of a manifest at every invocation, whatever it was told to build.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from dbt.contracts.graph.manifest import Manifest

from weir.orchestra.manifest import Parsed, unpacked


class Slices:
    """Makes manifests of some models of a parsed project.

    Args:
        parsed: the project.
    """

    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed

    def of(self, models: Iterable[str]) -> Manifest:
        """Return a manifest of models, their tests, and all that these read or name.

        Its nodes are fresh, for dbt changes them; macros, which dbt only reads, are those of every other.

        Args:
            models: names of models; what is none is passed over.
        """
        frame = self._frame
        frame.get_macros_by_name()
        frame.get_macros_by_package()
        chosen = {self._models[name] for name in models if name in self._models}
        found = Manifest(
            macros=frame.macros,
            docs=frame.docs,
            sources=frame.sources,
            groups=frame.groups,
            exposures=frame.exposures,
            metadata=frame.metadata,
            nodes={uid: unpacked(self._parsed.packed.nodes[uid]) for uid in self._needed(chosen)},
        )
        found._macros_by_name = frame._macros_by_name  # noqa: SLF001 - made once, for all
        found._macros_by_package = frame._macros_by_package  # noqa: SLF001
        found.flat_graph = {  # what macros see as `graph`
            **{name: self._parsed.json[name] for name in ("sources", "groups", "exposures")},
            "nodes": {uid: self._nodes[uid] for uid in found.nodes},
        }
        return found

    @cached_property
    def _frame(self) -> Manifest:
        return self._parsed.packed.frame()

    @cached_property
    def _models(self) -> Mapping[str, str]:
        return {n["name"]: uid for uid, n in self._nodes.items() if n["resource_type"] == "model"}

    @cached_property
    def _tests(self) -> Mapping[str, list[str]]:
        """The tests that read a model, by its unique id: dbt runs them with it."""
        found: dict[str, list[str]] = defaultdict(list)
        for uid, node in self._nodes.items():
            if node["resource_type"] == "test":
                for read in _reads(node):
                    found[read].append(uid)
        return found

    @property
    def _nodes(self) -> Mapping[str, Any]:
        nodes: Mapping[str, Any] = self._parsed.json["nodes"]
        return nodes

    def _needed(self, models: Iterable[str]) -> Iterator[str]:
        """Yield the unique ids of nodes: models, their tests, and what stands above them."""
        open_ones, seen = list(models), set()
        for model in [*open_ones]:
            open_ones += self._tests.get(model, ())
        while open_ones:
            uid = open_ones.pop()
            if uid in seen or uid not in self._nodes:  # a source is no node
                continue
            seen.add(uid)
            yield uid
            open_ones += _reads(self._nodes[uid])
            open_ones += self._named(self._nodes[uid])

    def _named(self, node: Mapping[str, Any]) -> Iterator[str]:
        """Yield the models that a test's arguments name: it does not refer to them (`part_relation`)."""
        arguments = (node.get("test_metadata") or {}).get("kwargs") or {}
        for value in arguments.values():
            if isinstance(value, str) and value in self._models:
                yield self._models[value]


def _reads(node: Mapping[str, Any]) -> list[str]:
    read: list[str] = node.get("depends_on", {}).get("nodes", [])
    return read
