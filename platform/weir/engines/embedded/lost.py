"""Takes data files that are gone or damaged out of the catalogue's present, so that others can come.

A DELETE reads the files whose rows it deletes, and so fails on one that is not there. The files stay in
the catalogue's past: a query of an older snapshot tells that they are missing. A file that is damaged
stays on disk; `weir maintain` puts it aside later.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

from weir.engines.embedded.lake import Lake

_META = "__ducklake_metadata_lake"
_ENDED = f"(SELECT max(snapshot_id) FROM {_META}.ducklake_snapshot)"
_FOUND = f"""
SELECT data_file_id, table_id, record_count, file_size_bytes FROM {_META}.ducklake_data_file
WHERE end_snapshot IS NULL AND list_contains(?, regexp_extract(path, '[^/]+$'))
"""


def forget_files(lake: Lake, paths: Collection[str]) -> int:
    """Take files out of what the lake's tables hold now; return how many were in it.

    Their rows are gone for every reader from here on: build their partitions again at once.

    Args:
        lake: the lake.
        paths: the files; DuckLake names each by an id of its own, so the last part is enough.
    """
    names = [PurePosixPath(path).name for path in paths]
    with lake.write() as connection:
        found = connection.execute(_FOUND, [names]).fetchall()
        for file, table, rows, size in found:
            for kind in ("data_file", "delete_file"):
                connection.execute(
                    f"UPDATE {_META}.ducklake_{kind} SET end_snapshot = {_ENDED}"
                    " WHERE data_file_id = ? AND end_snapshot IS NULL",
                    [file],
                )
            connection.execute(
                f"UPDATE {_META}.ducklake_table_stats SET record_count = record_count - ?,"
                " file_size_bytes = file_size_bytes - ? WHERE table_id = ?",
                [rows, size, table],
            )
    return len(found)
