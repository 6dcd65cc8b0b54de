"""The dbt manifest, parsed once per version of the dbt files and kept under `WEIR_HOME/dbt`.

Parsing takes 4–6 s; loading the kept one, 0.1 s. The key of the cache is a hash of every file that
dbt reads and of the versions of dbt and its adapter.
"""

import hashlib
import importlib.metadata
import json
import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from filelock import FileLock

from weir.core.errors import RunFailed
from weir.core.folders import files_below
from weir.core.settings import Settings
from weir.engines.embedded.environments import OWN

_FOLDERS = ("models", "macros", "tests")
_FILES = ("dbt_project.yml", "profiles.yml")
_PACKAGES = ("dbt-core", "dbt-duckdb", "dbt-adapters")


@dataclass(frozen=True)
class Parsed:
    """A parsed project: the JSON that Dagster reads and the objects that dbt runs from."""

    json: dict[str, Any]
    path: Path

    def manifest(self) -> Manifest:
        """Return dbt's own manifest object, fresh: dbt changes it while it runs."""
        packed = self.packed
        manifest = packed.frame()
        manifest.nodes = {uid: unpacked(node) for uid, node in packed.nodes.items()}
        return manifest

    @cached_property
    def packed(self) -> "Packed":
        """The manifest's parts, each of which can be had by itself."""
        found: Packed = unpacked(self.path.read_bytes())
        return found


@dataclass(frozen=True)
class Packed:
    """dbt's manifest in parts.

    Attributes:
        rest: all but nodes and what only parsing needs; pickled.
        nodes: each node, pickled, by its unique id.
    """

    rest: bytes
    nodes: dict[str, bytes]

    @classmethod
    def of(cls, manifest: Manifest) -> "Packed":
        """Take a manifest apart; its nodes and files are gone from it afterwards."""
        nodes = {uid: pickle.dumps(node) for uid, node in manifest.nodes.items()}
        manifest.nodes, manifest.files = {}, {}
        return cls(pickle.dumps(manifest), nodes)

    def frame(self) -> Manifest:
        """Return a new manifest without nodes."""
        manifest: Manifest = unpacked(self.rest)
        for name in vars(manifest):
            if name.endswith("_lookup"):  # dbt's own unpickling puts them in each other's places
                setattr(manifest, name, None)
        return manifest


def unpacked(data: bytes) -> Any:
    """Return what we pickled."""
    return pickle.loads(data)  # noqa: S301 - our own bytes


def project_dir(settings: Settings) -> Path:
    """Return the folder of the dbt project."""
    return settings.project / "dbt"


def arguments(settings: Settings) -> list[str]:
    """Return the dbt flags that every invocation has: paths, and nothing that re-parses."""
    home = settings.home / "dbt"
    folder = str(project_dir(settings))
    return [
        *("--project-dir", folder, "--profiles-dir", folder),
        *("--target-path", str(home / "target"), "--log-path", str(home / "logs")),
        *(
            "--quiet",
            "--log-level",
            "none",
            "--no-use-colors",
            "--no-write-json",
            "--no-version-check",
        ),
        "--no-send-anonymous-usage-stats",
    ]


def environment(settings: Settings) -> None:
    """Set the variables that profiles.yml reads, for this process and its children."""
    os.environ["WEIR_HOME"] = str(settings.home)
    os.environ["WEIR_CLOSE_LAG_MINUTES"] = str(settings.close_lag_minutes)
    os.environ["WEIR_DUCKDB_MEMORY"] = settings.memory_limit
    os.environ["WEIR_DUCKDB_SPILL"] = settings.duckdb_config["temp_directory"]
    on_server = settings.catalog and not settings.env
    os.environ["WEIR_DBT_TARGET"] = "postgres" if on_server else "sqlite"
    os.environ["WEIR_DBT_OWN"] = OWN if settings.env else ""
    if on_server:
        os.environ["WEIR_CATALOG"] = settings.catalog


def prepare(settings: Settings) -> Parsed:
    """Return the parsed dbt project, from the cache if none of its files changed.

    Raises:
        RunFailed: if dbt cannot parse the project; the message is dbt's.
    """
    target = settings.home / "dbt" / "target"
    target.mkdir(parents=True, exist_ok=True)
    key = _version(project_dir(settings))
    cached, packed = target / f"manifest-{key}.json", target / f"manifest-{key}.parts"
    with FileLock(target / "prepare.lock"):
        if not (cached.is_file() and packed.is_file()):
            for old in target.glob("manifest-*"):
                old.unlink()
            manifest = _parse(settings)
            cached.write_text(json.dumps(manifest.writable_manifest().to_dict(omit_none=False)))
            packed.write_bytes(pickle.dumps(Packed.of(manifest)))
    return Parsed(json.loads(cached.read_text()), packed)


def prepared(settings: Settings) -> dict[str, Any] | None:
    """Return the manifest that a home was last run with; None if it never was. Nothing is parsed."""
    found = sorted((settings.home / "dbt" / "target").glob("manifest-*.json"))
    manifest: dict[str, Any] | None = json.loads(found[-1].read_text()) if found else None
    return manifest


def _parse(settings: Settings) -> Manifest:
    environment(settings)
    result = dbtRunner().invoke(["parse", *arguments(settings), "--no-partial-parse"])
    if not isinstance(result.result, Manifest):
        raise RunFailed(
            f"dbt cannot parse {project_dir(settings)}: {result.exception}",
            "Mend the file that the message names and try again.",
        )
    return result.result


def _version(folder: Path) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for package in _PACKAGES:
        digest.update(importlib.metadata.version(package).encode())
    for path in sources(folder):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def sources(folder: Path) -> Iterator[Path]:
    """Yield the files that dbt reads from a project, always in the same order."""
    yield from (folder / name for name in _FILES)
    for name in _FOLDERS:
        yield from sorted(
            p for p in files_below(folder / name) if p.suffix in {".sql", ".yml", ".yaml"}
        )
