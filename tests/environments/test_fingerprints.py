"""Which models differ between two versions of a project, and by what."""

from __future__ import annotations

from typing import Any

from weir.lineage.environments.fingerprints import changes, fingerprints


def manifest(**models: tuple[str, list[str]]) -> dict[str, Any]:
    """Return a manifest of facts: name → its text and what it reads."""
    return {
        "macros": {},
        "nodes": {
            f"model.weir.{name}": {
                "resource_type": "model", "schema": "fact", "name": name, "config": {},
                "checksum": {"checksum": text},
                "depends_on": {"nodes": [f"model.weir.{r}" for r in reads], "macros": []},
            }
            for name, (text, reads) in models.items()
        },
    }  # fmt: skip


BEFORE = manifest(c=("c", ["b"]), b=("b", ["a"]), a=("a", []), alone=("x", []))


def told(after: dict[str, Any]) -> dict[str, tuple[str, tuple[str, ...]]]:
    found = changes(fingerprints(BEFORE), fingerprints(after))
    return {asset: (change.kind, change.by) for asset, change in found.items()}


def test_the_same_code_has_the_same_fingerprints() -> None:
    assert told(BEFORE) == {}


def test_a_change_reaches_everything_after_it_and_nothing_else() -> None:
    after = manifest(c=("c", ["b"]), b=("B!", ["a"]), a=("a", []), alone=("x", []))
    assert told(after) == {"fact/b": ("changed", ("fact/b",)), "fact/c": ("upstream", ("fact/b",))}


def test_a_model_tells_of_every_change_before_it() -> None:
    after = manifest(c=("c", ["b"]), b=("b", ["a", "alone"]), a=("A!", []), alone=("X!", []))
    assert told(after)["fact/c"] == ("upstream", ("fact/a", "fact/alone"))


def test_new_and_removed_models_are_told() -> None:
    after = manifest(b=("b", ["a"]), a=("a", []), alone=("x", []), new=("n", ["a"]))
    assert told(after) == {"fact/new": ("new", ("fact/new",)), "fact/c": ("removed", ("fact/c",))}
