"""Keeps the code that partitions were built with, so that a later run can say what changed since.

Equal code is kept once, whatever its versions are called.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from weir.lineage.columns.model_code import ModelCode


class Texts(Protocol):
    """Where texts are kept by name."""

    def get(self, name: str) -> str | None:
        """Return a text, None if there is none of that name."""
        ...

    def put(self, name: str, text: str) -> None:
        """Keep a text, in place of an older one of that name."""
        ...

    def __contains__(self, name: str) -> bool:
        """Tell whether there is a text of that name."""
        ...


class CodeStore:
    """The code of models by asset and version.

    Args:
        texts: where it is kept.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def save(self, code: ModelCode) -> bool:
        """Keep one version; return whether it was not there yet."""
        name, digest = _name(code.asset, code.code), code.digest
        if self._texts.get(name) == digest:
            return False
        if digest not in self._texts:
            self._texts.put(digest, code.text())
        self._texts.put(name, digest)  # last: a name never leads to what is not there
        return True

    def load(self, asset: str, code: str) -> ModelCode | None:
        """Return one version of a model's code, None if it was never kept."""
        digest = self._texts.get(_name(asset, code))
        text = self._texts.get(digest) if digest else None
        return ModelCode.parse(text, code) if text else None


def _name(asset: str, code: str) -> str:
    """Return the name of a version: versions of models with many inputs are longer than file names."""
    return "v" + hashlib.blake2b(f"{asset}\x1f{code}".encode(), digest_size=16).hexdigest()
