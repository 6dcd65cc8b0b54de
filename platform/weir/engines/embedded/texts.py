"""Texts by name in a folder, compressed: each file is whole or not there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import zstandard

from weir.core.errors import LakeError


class TextFiles:
    """A folder of texts.

    Args:
        folder: the folder; made when the first text comes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, name: str) -> str | None:
        """Return a text, None if there is none of that name.

        Raises:
            LakeError: if its file is damaged.
        """
        path = self._path(name)
        try:
            return zstandard.decompress(path.read_bytes()).decode()
        except FileNotFoundError:
            return None
        except (zstandard.ZstdError, UnicodeDecodeError) as error:
            raise LakeError(
                f"{path} is damaged: {error}.", "Remove it: the next run writes it again."
            ) from error

    def put(self, name: str, text: str) -> None:
        """Keep a text, in place of an older one of that name."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(zstandard.compress(text.encode()))
        Path(beside).replace(path)

    def __contains__(self, name: str) -> bool:
        """Tell whether there is a text of that name."""
        return self._path(name).is_file()

    def _path(self, name: str) -> Path:
        return self.folder / name[:3] / f"{name}.zst"
