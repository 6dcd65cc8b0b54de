"""The files of one event as they stand, to be changed by a step and written together.

Words and `$ref`s of the schemas stay as they were written; what they mean was loaded before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weir.registry.findings import Findings
from weir.registry.load import ENVELOPE
from weir.registry.model import Event
from weir.registry.sync.change import ROOT
from weir.registry.sync.inplace import finish, held, write_all
from weir.registry.versions.history import RECORDS, History, check_history

_LOCK = ".weir-save.lock"


@dataclass(frozen=True)
class EventFiles:
    """What an event's files say.

    Args:
        folder: relative to the events' folder.
        envelope: the content of `event.json`.
        schemas: the content of each `v<N>.json`.
        history: the content of `versions.json`; None if there is none.
    """

    folder: str
    envelope: Mapping[str, Any]
    schemas: Mapping[int, Any]
    history: History | None


def read_event(events_dir: Path, event: Event) -> EventFiles:
    """Read the files of an event that was loaded."""
    folder = events_dir / event.folder
    numbers = sorted({*event.versions, *event.drafts})
    records = folder / RECORDS
    history = None
    if records.exists():
        history = check_history(json.loads(records.read_bytes()), Findings(RECORDS))
    return EventFiles(
        event.folder,
        json.loads((folder / ENVELOPE).read_bytes()),
        {n: json.loads((folder / f"v{n}.json").read_bytes()) for n in numbers},
        history,
    )


def write_files(project: Path, contents: Mapping[str, Any]) -> list[str]:
    """Write files of the events, all or none, and return their paths relative to the project.

    Args:
        project: the project's folder.
        contents: JSON by path relative to the events' folder.
    """
    files: dict[str, bytes | None] = {
        f"{ROOT}/{path}": (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
        for path, content in contents.items()
    }
    with held(project / _LOCK):
        finish(project)
        write_all(project, files)
    return list(files)
