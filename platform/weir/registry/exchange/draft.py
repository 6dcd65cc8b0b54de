"""From an imported schema to the files of an event: what they say, and what lint says of them.

Names and keywords stay as they were sent: renaming a parameter would make its senders wrong.
Nothing is written over, and nothing that the registry could not load is written among the events.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weir.core.errors import RegistryError, UsageError
from weir.core.names import event_name
from weir.registry.jsonread import NotJson, check_values
from weir.registry.load import ENVELOPE, examine
from weir.registry.tree import Tree
from weir.registry.tree.dialects import URIS
from weir.registry.tree.losses import Loss
from weir.registry.tree.write import Writer
from weir.registry.versions.history import RECORDS
from weir.registry.vocabulary import NEWEST

_VERSION = re.compile(r"^v([1-9][0-9]{0,8})\.json$")


@dataclass(frozen=True)
class Draft:
    """The files of one event.

    Args:
        files: content by path, relative to the events folder.
        losses: what 2020-12 cannot say of the imported draft.
        errors: why the registry could not load them; empty if it can.
    """

    files: Mapping[str, Any]
    losses: list[Loss]
    errors: list[RegistryError]

    def write(self, events_dir: Path) -> list[Path]:
        """Write the files and return their paths.

        Raises:
            UsageError: if one of them exists.
        """
        paths = {events_dir / name: content for name, content in self.files.items()}
        for path in paths:
            if path.exists():
                remedy = "Remove it first, or give another --name or folder."
                raise UsageError(f"{path} exists and is not written over.", remedy)
        for path, content in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(as_text(content))
        return list(paths)


def draft(
    tree: Tree, envelope: Mapping[str, Any], events_dir: Path, *, next_version: bool
) -> Draft:
    """Return the files of an imported event, and what the registry would say of them.

    Args:
        tree: the parameters.
        envelope: the content of a new event's `event.json`; its `name` says which event it is.
        events_dir: the project's events.
        next_version: whether the event exists and gets one more version.

    Raises:
        NameRejected: if the name is no event's.
        UsageError: if the event exists and no next version is asked for, or the other way round;
            or if a text cannot be written in UTF-8.
    """
    name = event_name(envelope["name"])
    folder = f"{name.service}/{name}"
    exists = (events_dir / folder).is_dir()
    if exists != next_version:
        raise _unfit(str(name), exists=exists)
    if exists:
        _check_recorded(str(name), events_dir / folder)
    writer = Writer(tree, NEWEST)
    number = _newest(events_dir / folder) + 1
    files = {f"{folder}/v{number}.json": _with_address(writer.schema())}
    if not exists:
        files = {f"{folder}/{ENVELOPE}": dict(envelope), **files}
    _check(files)
    return Draft(files, writer.losses, _errors(files, events_dir))


def as_text(content: Any) -> str:
    """Return JSON as it stands in a file."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _with_address(schema: Any) -> Any:
    return {"$schema": URIS[NEWEST], **schema} if isinstance(schema, dict) else schema


def _unfit(name: str, *, exists: bool) -> UsageError:
    if exists:
        return UsageError(f"The event `{name}` exists.", "Add a version to it with --next-version.")
    return UsageError(
        f"There is no event `{name}` to add a version to.", "Leave --next-version out."
    )


def _check_recorded(name: str, folder: Path) -> None:
    """Check that a further version would be a draft, and not be sent at once."""
    status = json.loads((folder / ENVELOPE).read_bytes()).get("status")
    if status != "draft" and not (folder / RECORDS).is_file():
        what = f"Nothing records the versions of `{name}`: one more would be active at once."
        raise UsageError(what, f"Record them first: `weir events activate {name}`.")


def _newest(folder: Path) -> int:
    numbers = [
        int(match[1]) for path in folder.glob("v*.json") if (match := _VERSION.match(path.name))
    ]
    return max(numbers, default=0)


def _check(files: Mapping[str, Any]) -> None:
    for name, content in files.items():
        try:
            check_values(content)
        except NotJson as error:
            raise UsageError(f"{name} cannot be written: {error}.", error.remedy) from None


def _errors(files: Mapping[str, Any], events_dir: Path) -> list[RegistryError]:
    """Load the events as they would be, in a folder of their own."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / events_dir.parent.name / events_dir.name
        if events_dir.is_dir():
            shutil.copytree(events_dir, copy)
        for name, content in files.items():
            path = copy / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(as_text(content), encoding="utf-8")
        _, errors = examine(copy)
    ours = tuple(f"{events_dir.parent.name}/{events_dir.name}/{name}" for name in files)
    return [error for error in errors if error.path in ours]
