"""The one settings class: the only place, with `resources/`, that reads the environment.

Order: `WEIR_*` environment variables, then `WEIR_HOME/weir.toml`, then the defaults below.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from weir.core.console_settings import ConsoleSettings
from weir.core.errors import NotFound, UsageError
from weir.core.grains import Grain
from weir.core.hours import Hours

CONFIG_FILE = "weir.toml"
ENVIRONMENTS = "env"
"""Folder of a home that holds the homes of its environments, by name."""


_LEAST_LANDING_DAYS = 30


def _long_enough(days: int) -> int:
    """Landing is what everything can be built from again: a short life there loses data."""
    if 0 < days < _LEAST_LANDING_DAYS:
        raise ValueError(f"it must be 0 (for ever) or at least {_LEAST_LANDING_DAYS}")
    return days


KeepDays = Annotated[int, Field(ge=0), AfterValidator(_long_enough)]


class Settings(ConsoleSettings):
    """Everything a user may set, with its unit and its default."""

    model_config = SettingsConfigDict(env_prefix="WEIR_", extra="forbid", frozen=True)

    home: Path = Field(description="Folder that holds everything of one machine.")
    project: Path = Field(description="Folder of the Weir project (where workspace.yaml is).")
    env: str = Field("", description="Environment to work in; empty: production.")
    env_keep_days: float = Field(
        14.0,
        description="Days after which `weir env prune` drops an environment that nobody used.",
        gt=0,
    )
    landing_grain: Literal["hour", "day"] = Field(
        "hour", description="Length of a landing partition; fixed once the lake exists."
    )
    landing_start: date = Field(
        date(2026, 1, 1), description="First landing partition that Dagster shows."
    )
    catalog: str = Field(
        "", description="DuckLake catalogue, e.g. `postgres:dbname=weir host=…`; empty: SQLite."
    )
    ledger_url: str = Field(
        "",
        description="Database of the ledger, `postgresql+psycopg2://…`; empty: `ledger.db` in the home.",
    )
    actor: str = Field(
        "",
        description="Who acts, for the audit log: `agent:NAME`, `person:NAME`; empty: the login.",
    )
    collect_host: str = Field("127.0.0.1", description="Address that the collector listens on.")
    collect_port: int = Field(
        7400, description="Port that the collector listens on.", ge=0, le=65535
    )
    collect_auth: Literal["off", "required"] = Field(
        "off", description="Whether senders need a write token; `off` only on loopback."
    )
    collect_token: SecretStr = Field(
        SecretStr(""), description="Write token that Weir's own senders use, such as `weir replay`."
    )
    collect_cors_origins: str = Field(
        "", description="Web origins whose pages may send, comma-separated; `*` for any."
    )
    collect_sink: Literal["spool", "pubsub", "kafka"] = Field(
        "spool", description="Where acknowledged events are kept until they land."
    )
    collect_sink_seconds: float = Field(
        10.0, description="Seconds that a broker may take before senders get 503.", gt=0
    )
    collect_sink_bytes: int = Field(
        64_000_000, description="Bytes that may be on their way to a broker.", gt=0
    )
    collect_topic_prefix: str = Field(
        "weir", description="Topics of a broker are `<prefix>-<lane>`, one per lane."
    )
    pubsub_project: str = Field("", description="Google Cloud project of the Pub/Sub topics.")
    pubsub_endpoint: str = Field(
        "", description="`host:port` of a Pub/Sub emulator, without TLS; empty: Google's service."
    )
    kafka_servers: str = Field("", description="Kafka's bootstrap servers, `host:port,…`.")
    kafka_options: str = Field(
        "", description="Further librdkafka options, `key=value,…`, e.g. for TLS and SASL."
    )
    collect_workers: int = Field(
        1, description="Processes of the collector that share its port.", ge=1, le=64
    )
    git_remote: str = Field("origin", description="Git remote that saved events are pushed to.")
    git_base: str = Field(
        "", description="Branch that events are saved against; empty: the remote's default branch."
    )
    git_host: Literal["", "github", "gitlab"] = Field(
        "", description="Where pull requests are made; empty: nowhere."
    )
    git_api_url: str = Field(
        "", description="Address of the host's REST API; empty: api.github.com or gitlab.com."
    )
    git_project: str = Field(
        "", description="The project at the host, `owner/name`; empty: from the remote's address."
    )
    git_token: SecretStr = Field(
        SecretStr(""), description="Token that may make pull requests; better in a file."
    )
    git_token_file: Path | None = Field(
        None, description="File that holds the token which may make pull requests."
    )
    events_review: Literal["auto", "required", "off"] = Field(
        "auto",
        description="Whether owners approve changes of their events; `auto`: where there is no git.",
    )
    dagster_port: int = Field(
        7401, description="Port of the Dagster UI (loopback).", ge=1, le=65535
    )
    dagster_viewers_port: int = Field(
        7402, description="Port of the Dagster UI that only shows (loopback).", ge=1, le=65535
    )
    dagster_url: str = Field(
        "", description="Address at which people reach the Dagster UI, for links in alerts."
    )
    close_lag_minutes: int = Field(
        60, description="Minutes after a fact day's end before it is first built.", ge=0
    )
    late_days: int = Field(
        30,
        description="Days for which late events are taken in at once; older ones wait for off-peak hours.",
        ge=0,
    )
    off_peak: str = Field(
        "",
        description="Hours for old and large restatements, e.g. `22:00-06:00 Asia/Seoul`; empty: any.",
    )
    large_partitions: int = Field(
        100, description="Partitions beyond which a run that sensors ask for is large.", ge=1
    )
    large_seconds: float = Field(
        1_800.0, description="Estimated seconds beyond which such a run is large.", gt=0
    )
    tick_requests: int = Field(
        20, description="Runs that one tick of a sensor may ask for.", ge=2, le=1_000
    )
    tick_partitions: int = Field(
        5_000, description="Partitions that one tick of a sensor may ask for.", ge=1
    )
    tick_seconds: float = Field(
        7_200.0, description="Estimated seconds of runs that one tick may ask for.", gt=0
    )
    fresh_grace_minutes: int = Field(
        180,
        description="Minutes after a partition is due before it counts as not fresh.",
        ge=0,
    )
    seal_every_seconds: float = Field(
        30.0, description="Seconds between two seals of the spool.", gt=0
    )
    max_event_bytes: int = Field(1_000_000, description="Largest single event, in bytes.", gt=0)
    max_body_bytes: int = Field(
        20_000_000, description="Largest request body after decompression, in bytes.", gt=0
    )
    max_held_bytes: int = Field(
        64_000_000,
        description="Bodies that a worker holds in memory at a time, in bytes; beyond, senders wait.",
        gt=0,
    )
    ballast_bytes: int = Field(
        64_000_000,
        description="Disk space that the spool keeps back for a full disk, in bytes.",
        ge=0,
    )
    segment_bytes: int = Field(
        64_000_000, description="Size at which a spool segment is rotated, in bytes.", gt=0
    )
    segment_seconds: float = Field(
        10.0, description="Age at which a spool segment with records is rotated, in seconds.", gt=0
    )
    retention_days_landing: KeepDays = Field(
        0, description="Days that landing partitions are kept, at least 30; 0: for ever."
    )
    retention_days_quarantine: int = Field(
        0, description="Days that quarantined events are kept; 0: for ever.", ge=0
    )
    retention_days_accepted: int = Field(
        0, description="Days that accepted events are kept; 0: for ever.", ge=0
    )
    retention_days_event_log: int = Field(
        0, description="Days that event logs are kept; 0: for ever.", ge=0
    )
    retention_days_fact: int = Field(0, description="Days that facts are kept; 0: for ever.", ge=0)
    retention_days_activation: int = Field(
        0, description="Days that activation layers are kept; 0: for ever.", ge=0
    )
    retention_days_search: int = Field(
        0, description="Days that the search index is kept; 0: for ever.", ge=0
    )
    snapshot_days: float = Field(
        7.0, description="Days that commits of the lake can be travelled back to.", gt=0
    )
    keep_segments_hours: float = Field(
        24.0, description="Hours that a landed and synced segment is kept.", ge=0
    )
    memory_limit: str = Field(
        "",
        description="Memory that each DuckDB connection may use, e.g. `4GB`; beyond, it spills to disk;"
        " empty: 80 % of the machine's.",
        pattern=r"^(\d+(\.\d+)? ?([KMGT]i?B))?$",
    )
    spill_dir: Path | None = Field(
        None, description="Folder that DuckDB spills to; empty: `spill` in the home."
    )

    @field_validator("off_peak")
    @classmethod
    def _hours(cls, value: str) -> str:
        try:
            Hours.parse(value)
        except UsageError as error:
            raise ValueError(str(error)) from None
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the home's `weir.toml` below the environment; no .env, no secret files."""
        del dotenv_settings, file_secret_settings
        given = {**env_settings(), **init_settings()}
        toml = Path(str(given.get("home", "."))) / CONFIG_FILE
        file = TomlConfigSettingsSource(settings_cls, toml) if "home" in given else None
        return (init_settings, env_settings, *([file] if file else []))

    @property
    def grain(self) -> Grain:
        """The landing grain as a `Grain`."""
        return Grain(self.landing_grain)

    @property
    def lake_dir(self) -> Path:
        """Folder of the lake: catalogue, data, write lock. An environment's holds its own tables."""
        return self.home / "lake"

    @property
    def production_home(self) -> Path:
        """The home that an environment reads in place; of production, its own."""
        return self.home.parent.parent if self.env else self.home

    @property
    def production(self) -> Settings:
        """The settings of production."""
        return load(self.project, self.production_home, env="") if self.env else self

    def require_production(self, what: str) -> None:
        """Refuse in an environment what writes outside it.

        Args:
            what: what would be done, as the subject of a sentence: `Sealing`.

        Raises:
            UsageError: if these are settings of an environment.
        """
        if self.env:
            raise UsageError(
                f"{what} is production's business; `{self.env}` is an environment.",
                "Leave out --env (or unset WEIR_ENV): environments read what production takes in.",
            )

    @property
    def spool_dir(self) -> Path:
        """Folder of the collector's spool: environments have none of their own."""
        return self.production_home / "spool"

    @property
    def duckdb_config(self) -> dict[str, str]:
        """What every DuckDB connection to the lake is opened with."""
        limit = {"memory_limit": self.memory_limit} if self.memory_limit else {}
        return {**limit, "temp_directory": str(self.spill_dir or self.home / "spill")}

    @property
    def search_dir(self) -> Path:
        """Folder of the search indexes: environments have none of their own."""
        return self.production_home / "search"

    @property
    def dagster_dir(self) -> Path:
        """Folder of the Dagster instance (DAGSTER_HOME)."""
        return self.home / "dagster"

    @property
    def ledger_path(self) -> Path:
        """The ledger's SQLite file: a cache of the lake's own commit records."""
        return self.home / "ledger.db"

    @property
    def audit_url(self) -> str:
        """Where the audit log is, as an SQLAlchemy URL: beside the ledger, if that is PostgreSQL."""
        return self.ledger_url or f"sqlite:///{self.home / 'audit.db'}"

    @property
    def plans_dir(self) -> Path:
        """Folder of the recovery plans and their journals."""
        return self.home / "plans"

    @property
    def retention_days(self) -> dict[str, int]:
        """Stage, or `landing/quarantine`, → days that its partitions are kept; 0: for ever."""
        return {
            "landing": self.retention_days_landing,
            "landing/quarantine": self.retention_days_quarantine,
            "accepted": self.retention_days_accepted,
            "event_log": self.retention_days_event_log,
            "fact": self.retention_days_fact,
            "activation": self.retention_days_activation,
            "search": self.retention_days_search,
        }

    @property
    def catalog_uri(self) -> str:
        """What DuckLake attaches after `ducklake:`; of an environment always its own SQLite file."""
        own = f"sqlite:{self.lake_dir / 'catalog.sqlite'}"
        return own if self.env else self.catalog or own

    @property
    def events_dir(self) -> Path:
        """Folder of the project's event files."""
        return self.project / "assets" / "events"


def find_project(start: Path) -> Path | None:
    """Return the nearest folder at or above `start` that holds a `workspace.yaml`."""
    for folder in (start, *start.parents):
        if (folder / "workspace.yaml").is_file():
            return folder
    return None


def environment_home(home: Path, name: str) -> Path:
    """Return the home of an environment of a home; itself, if it is that one.

    >>> environment_home(Path("/w"), "ann") == environment_home(Path("/w/env/ann"), "ann")
    True
    """
    return home if home.parts[-2:] == (ENVIRONMENTS, name) else home / ENVIRONMENTS / name


def load(project: Path, home: Path | None = None, env: str | None = None) -> Settings:
    """Read the settings of a project. Paths come out absolute.

    Args:
        project: the folder that holds `workspace.yaml`.
        home: overrides `WEIR_HOME`; default is `<project>/.weir`.
        env: overrides `WEIR_ENV`: name of an environment of that home, '' for the home itself.

    Raises:
        NotFound: if the home has no such environment.
    """
    base = (home or Path(os.environ.get("WEIR_HOME") or project / ".weir")).expanduser().resolve()
    name = os.environ.get("WEIR_ENV", "") if env is None else env
    if not name:  # an environment's own home says in its file that it is one
        given = {} if env is None else {"env": env}
        return Settings(home=base, project=project.resolve(), **given)  # type: ignore[arg-type]
    chosen = environment_home(base, name)
    if not (chosen / CONFIG_FILE).is_file():
        known = sorted(file.parent.name for file in chosen.parent.glob(f"*/{CONFIG_FILE}"))
        raise NotFound("environment", name, known, f"Make it with `weir env create {name}`.")
    return Settings(home=chosen, project=project.resolve(), env=name)
