"""DuckDB connections with the extensions that PyPI carries. Knows nothing of the lake's tables."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from weir.core.errors import LakeError

EXTENSIONS = ("sqlite_scanner", "postgres_scanner", "ducklake")
ON_SQLITE = ("sqlite_scanner", "ducklake")
"""What a lake needs whose catalogue is SQLite."""
_CONFIG = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
CONFIG = {**_CONFIG, "allow_unsigned_extensions": "true"}
"""How an instance is opened in which `load_extensions` is called: it checks signatures itself."""
_verified: dict[Path, tuple[int, int, int]] = {}


def extension_path(name: str) -> Path:
    """Return the extension file of the installed `duckdb-extension-<name>` package.

    It is loaded from there: `INSTALL` would write into the user's home and may go to the network.

    Raises:
        LakeError: if the package is missing or is for another DuckDB version.
    """
    module = f"duckdb_extension_{name}"
    spec = importlib.util.find_spec(module)
    package = name.replace("_", "-")
    remedy = f"Install `duckdb-extension-{package}=={duckdb.__version__}`."
    if spec is None or spec.origin is None:
        raise LakeError(f"The DuckDB extension `{name}` is not installed.", remedy)
    folder = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}"
    path = folder / f"{name}.duckdb_extension"
    if not path.is_file():
        raise LakeError(f"The DuckDB extension `{name}` is for another DuckDB version.", remedy)
    return path


def load_extensions(
    connection: duckdb.DuckDBPyConnection, names: Iterable[str] = EXTENSIONS
) -> None:
    """LOAD extensions that Weir needs into a connection, whose signatures are checked once a process.

    DuckDB checks a signature by reading the whole file, 0.08 s each, for every instance. A connection
    that was opened with `CONFIG` loads what was checked at once; from then on it, too, loads nothing
    without a valid signature.

    Raises:
        duckdb.IOException: if a signature is not valid.
    """
    for name in names:
        path = extension_path(name)
        _verify(path)
        connection.execute(_load(path))
    connection.execute("SET allow_unsigned_extensions = false")


def _verify(path: Path) -> None:
    """Have DuckDB check the signature of a file, unless it did and the file is still the same."""
    found = path.stat()
    stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
    if _verified.get(path) != stamp:
        with duckdb.connect(":memory:", config=dict(_CONFIG)) as strict:
            strict.execute(_load(path))
        _verified[path] = stamp


def _load(path: Path) -> str:
    return f"LOAD '{literal(str(path))}'"


def connect(
    extensions: Iterable[str] = EXTENSIONS, config: Mapping[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a new in-memory DuckDB connection with extensions loaded and UTC as its zone.

    Args:
        extensions: names of the extensions.
        config: further options of DuckDB, such as `memory_limit` and `temp_directory`.
    """
    connection = duckdb.connect(":memory:", config={**CONFIG, **(config or {})})
    load_extensions(connection, extensions)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def literal(text: str) -> str:
    """Return `text` with quotes doubled, for use inside a single-quoted SQL literal."""
    return text.replace("'", "''")
