"""Turns event files that are not on disk, such as those of a commit, into a registry and models."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from weir.core.errors import RegistryError
from weir.registry.fragments import Fragments
from weir.registry.generate import FOLDER, generate, write
from weir.registry.load import examine, load, read_fragments
from weir.registry.model import Registry
from weir.registry.sync.change import ROOT

MODELS = (Path("dbt") / FOLDER).as_posix()
"""The generated models' folder, relative to the project."""


@dataclass(frozen=True)
class Built:
    """What event files come to.

    Args:
        registry: the events.
        models: the generated files that change, relative to the project; None for one that goes.
    """

    registry: Registry
    models: Mapping[str, bytes | None]


def is_model(path: str) -> bool:
    """Tell whether a path below the models' folder can be a generated model."""
    return "/" not in path and path.endswith((".sql", ".yml"))


def build(events: Mapping[str, bytes], models: Mapping[str, bytes]) -> Built:
    """Return the registry of event files, and which generated models it changes.

    Args:
        events: relative to the events' folder.
        models: the generated models as they are, relative to their folder.

    Raises:
        ExceptionGroup: of one `RegistryError` per mistake.
    """
    with _laid_out(events, models) as project:
        registry = load(project / ROOT)
        dbt = project / "dbt"
        changed = write(generate(registry, dbt), dbt)
        texts = {path: path.read_bytes() if path.exists() else None for path in changed}
        return Built(
            registry, {p.relative_to(project).as_posix(): text for p, text in texts.items()}
        )


def registry_of(events: Mapping[str, bytes]) -> tuple[Registry, list[RegistryError]]:
    """Return the events that can be read of event files, and the mistakes of the others."""
    with _laid_out(events, {}) as project:
        return examine(project / ROOT)


def opened(events: Mapping[str, bytes]) -> tuple[Registry, Fragments]:
    """Return the events that can be read of event files, and the fragments that they may name."""
    with _laid_out(events, {}) as project:
        return examine(project / ROOT)[0], read_fragments(project / ROOT)


@contextmanager
def _laid_out(events: Mapping[str, bytes], models: Mapping[str, bytes]) -> Iterator[Path]:
    """Lay files out as in a project, in a folder that goes when it was read."""
    with tempfile.TemporaryDirectory(prefix="weir-events-") as name:
        project = Path(name)
        (project / ROOT).mkdir(parents=True)
        for folder, files in ((ROOT, events), (MODELS, models)):
            for path, content in files.items():
                place = project / folder / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
        yield project
