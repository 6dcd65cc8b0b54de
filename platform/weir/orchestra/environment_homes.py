"""The environments of a home: making, listing and dropping their folders."""

import json
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from weir.core.errors import InvalidValue, LakeError, UsageError
from weir.core.folders import files_below, stats
from weir.core.settings import CONFIG_FILE, ENVIRONMENTS, Settings, environment_home, load
from weir.engines.embedded.environments import EnvironmentLake
from weir.engines.embedded.lake import Lake
from weir.lineage.environments.fingerprints import Fingerprint, fingerprints
from weir.orchestra.environments import About, Environment, login
from weir.orchestra.manifest import prepare, prepared

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_FIRST_PORT = 7411
_OWN_KEYS = ("env", "home", "project", "dagster_port", "collect_port")


def create(
    production: Settings, name: str, manifest: Mapping[str, Any] | None = None
) -> Environment:
    """Make an environment of a home. It reads production in place: no data is copied.

    Args:
        production: production's settings, with the developer's project.
        name: lower-case letters, digits, `_`.
        manifest: production's dbt manifest; the one that it was last run with when not given.

    Raises:
        InvalidValue: if the name may not be.
        UsageError: if there is such an environment already.
        LakeError: if there is no lake to read.
    """
    if not _NAME.fullmatch(name):
        raise InvalidValue("name", name, ["lower-case letters, digits and _, a letter first"])
    if not Lake(production).exists:
        raise LakeError(f"There is no lake in {production.lake_dir}.", "Run `weir up` first.")
    home = environment_home(production.home, name)
    if (home / CONFIG_FILE).is_file():
        raise UsageError(
            f"There is an environment `{name}` already.",
            f"Use it (`weir --env {name} …`) or drop it (`weir env drop {name}`).",
        )
    shutil.rmtree(home, ignore_errors=True)  # what a creation that was killed left
    home.mkdir(parents=True)
    settings = production.model_copy(update={"home": home, "env": name, "catalog": ""})
    port = _free_port(production)
    EnvironmentLake(settings).create()
    base = manifest or prepared(production) or prepare(settings).json
    made = datetime.now(UTC).isoformat(timespec="seconds")
    codes = {k: [f.code, f.whole, *f.reads] for k, f in fingerprints(base).items()}
    About(name, made, login(), codes).write(home)
    _write_config(production.home / CONFIG_FILE, home / CONFIG_FILE, name, port)
    return Environment(load(production.project, production.home, name))


def environments(production: Settings) -> Iterator[Environment]:
    """Yield the environments of a home, by name."""
    for file in sorted((production.home / ENVIRONMENTS).glob(f"*/{CONFIG_FILE}")):
        yield Environment(load(production.project, production.home, file.parent.name))


def drop(environment: Environment) -> int:
    """Remove an environment's folder, with all that it built; return the bytes that were freed."""
    home = environment.settings.home
    size = size_of(home)
    (home / CONFIG_FILE).unlink()  # from here on it is none, whatever happens
    shutil.rmtree(home)
    return size


def unused(production: Settings, now: datetime) -> list[Environment]:
    """Return the environments that nobody has used for `env_keep_days`."""
    limit = now - timedelta(days=production.env_keep_days)
    return [each for each in environments(production) if each.used_at < limit]


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(found.st_size for _, found in stats(files_below(folder)))


def base_of(environment: Environment) -> dict[str, Fingerprint]:
    """Return the fingerprints of production's code when the environment was made."""
    kept = environment.about.fingerprints.items()
    return {asset: Fingerprint(code, whole, tuple(r)) for asset, (code, whole, *r) in kept}


def _free_port(production: Settings) -> int:
    taken = {each.settings.dagster_port for each in environments(production)}
    return next(port for port in range(_FIRST_PORT, 65_536) if port not in taken)


def _write_config(source: Path, target: Path, name: str, port: int) -> None:
    """Write an environment's settings: those of its home, and what is its own."""
    kept = tomllib.loads(source.read_text()) if source.is_file() else {}
    own: dict[str, Any] = {key: value for key, value in kept.items() if key not in _OWN_KEYS}
    own |= {"env": name, "dagster_port": port}
    lines = [f"{key} = {_toml(value)}\n" for key, value in own.items()]
    target.write_text("# Written by `weir env create`.\n" + "".join(lines))


def _toml(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else json.dumps(value)
