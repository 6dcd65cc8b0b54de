"""What lies in a folder while others write there: what vanishes meanwhile is passed over."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, in no order; none if it is not there."""
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in names)


def stats(paths: Iterable[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield what the disk says of each file that is there."""
    for path in paths:
        try:
            found = path.stat()
        except FileNotFoundError:
            continue
        yield path, found
