"""What a home is made of: its environments, the settings in force, versions, and health. Reads only."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from weir import __version__
from weir.console.context import Console
from weir.console.http.who import Admin, Asked, Viewer
from weir.core.origins import Origin, settings_in_force
from weir.orchestra import environment_homes as homes
from weir.orchestra.environments import Environment as Kept
from weir.orchestra.health import examine, versions

router = APIRouter(tags=["settings"])


class Environment(BaseModel):
    """One environment beside production."""

    name: str
    home: str
    made_by: str
    made_at: datetime
    used_at: datetime
    bytes: int
    dagster_port: int


class Environments(BaseModel):
    """The environments of the home, by name."""

    home: str
    here: str = Field(description="The one that this console serves; '' is production.")
    keep_days: float = Field(description="Unused for so long, `weir env prune` drops one.")
    environments: list[Environment]


class Setting(BaseModel):
    """One setting in force."""

    name: str
    variable: str
    value: str = Field(description="`•••` stands for what is not shown.")
    default: str = Field(description="What it would be; '' where it is that.")
    origin: Origin = Field(
        description="environment, file (weir.toml), default, or given (command)."
    )
    description: str


class Engines(BaseModel):
    """What runs here, and by which settings."""

    weir: str
    versions: dict[str, str]
    file: str = Field(description="Where settings are kept.")
    settings: list[Setting]


class Finding(BaseModel):
    """One thing that was looked at."""

    subject: str
    ok: bool
    found: str
    remedy: str


class Health(BaseModel):
    """What `weir doctor` finds."""

    at: datetime
    findings: list[Finding]


@router.get("/environments")
def environments(console: Asked, _: Viewer) -> Environments:
    """Return the environments of this home, and what each holds."""
    return console.projects.recent.get("environments", lambda: _environments(console))


def _environments(console: Console) -> Environments:
    production = console.settings.production
    return Environments(
        home=str(production.home),
        here=console.settings.env,
        keep_days=production.env_keep_days,
        environments=[_environment(one) for one in homes.environments(production)],
    )


@router.get("/engines")
def engines(console: Asked, _: Admin) -> Engines:
    """Return versions, and each setting with where it comes from; never a secret."""
    settings = console.settings
    return Engines(
        weir=__version__,
        versions=versions(),
        file=str(settings.home / "weir.toml"),
        settings=[Setting(**vars(one)) for one in settings_in_force(settings, console.variables)],
    )


@router.get("/health")
def health(console: Asked, _: Viewer) -> Health:
    """Look at this machine and home as `weir doctor` does; it takes some seconds."""
    return console.projects.recent.get("health", lambda: _examined(console))


def _examined(console: Console) -> Health:
    at, found = console.now().replace(tzinfo=UTC), examine(console.settings)
    return Health(at=at, findings=[Finding(**vars(one)) for one in found])


def _environment(one: Kept) -> Environment:
    settings, about = one.settings, one.about
    return Environment(
        name=settings.env, home=str(settings.home), made_by=about.made_by,
        made_at=_utc(datetime.fromisoformat(about.made_at)), used_at=_utc(one.used_at),
        bytes=homes.size_of(settings.home), dagster_port=settings.dagster_port,
    )  # fmt: skip


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
