"""Pages and pictures of an activation layer as files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import vl_convert

from weir.activation import charts
from weir.activation.analysis import Analysis
from weir.activation.charts import Spec
from weir.activation.page import page
from weir.activation.target import check_target


def write(seen: Analysis, path: Path) -> None:
    """Write the page of a look at a layer, as a whole: readers see the old one or the new one.

    Raises:
        UsageError: if the folder does not exist, or the path is a folder.
    """
    check_target(path)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page(seen))
        mask = os.umask(0)
        os.umask(mask)
        Path(draft).chmod(0o666 & ~mask)  # as any other file, not for its owner only
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def both(seen: Analysis, folder: Path, name: str) -> tuple[Path, Path]:
    """Write `<name>.png` (who was active) and `<name>.html` (all); return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    image, text = folder / f"{name}.png", folder / f"{name}.html"
    picture(charts.decomposition(seen.periods, seen.tables.word), image)
    write(seen, text)
    return image, text


def picture(spec: Spec, path: Path, *, width: int = 760, scale: float = 2) -> None:
    """Write a chart as a PNG of so many pixels, times the scale."""
    fixed = {**spec, "width": width, "background": "white"}
    path.write_bytes(vl_convert.vegalite_to_png(fixed, scale=scale))
