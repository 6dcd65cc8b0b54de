"""Rebuilds the ledger of a project, and fills in the files of its tables."""

from pathlib import Path

from pyarrow import ArrowInvalid

from weir.engines.embedded.files import columns_hash, data_files
from weir.lineage.ledger import File
from weir.lineage.ledger.rebuild import Difference, rebuild
from weir.orchestra.project import Project


def rebuild_ledger(project: Project, *, dry_run: bool = False) -> list[Difference]:
    """Make the ledger anew from the lake; return how it differs from the one before.

    Args:
        project: the project.
        dry_run: change nothing.
    """
    settings = project.settings
    with project.history.reading():
        found = rebuild(
            settings.ledger_path, project.history, url=settings.ledger_url, dry_run=dry_run
        )
    if not dry_run:
        project.__dict__.pop("ledger", None)
        keep_files(project)
    return found


def keep_files(project: Project) -> None:
    """Read which files the tables have now; of those that are new, the footer.

    About 1 ms a new file. Nothing else reads them: run it when files are asked for.
    """
    if not project.lake.exists:
        return
    ledger = project.ledger
    with project.lake.read() as connection:
        listed = list(data_files(connection))
    by_asset: dict[str, list[File]] = {asset: [] for asset in ledger.assets()}
    known = {f.path: f.columns for asset in by_asset for f in ledger.files(asset)}
    for file in listed:
        columns = known.get(file.path) or _columns(project.lake.data_dir / file.path)
        kept = File(file.partition, file.path, file.bytes, file.rows, columns)
        by_asset.setdefault(file.asset, []).append(kept)
    ledger.keep_files(by_asset)


def _columns(path: Path) -> str:
    """Return the hash of a file's columns, '' if it cannot be read: the checker tells of that."""
    try:
        return columns_hash(path)
    except (OSError, ArrowInvalid):
        return ""
