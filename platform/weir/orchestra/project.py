"""One Weir project on one machine: settings and, made when first used, all that hangs on them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from weir.core.clock import utc_now
from weir.core.landing import TIERS
from weir.core.settings import Settings
from weir.engines.embedded.history import EmbeddedHistory
from weir.engines.embedded.lake import Lake, partition_counts
from weir.engines.embedded.search import SearchIndex
from weir.engines.embedded.verdicts import EmbeddedVerdicts
from weir.lineage.columns.past import Past
from weir.lineage.environments.picture import EnvironmentPicture
from weir.lineage.inputs import digest
from weir.lineage.ledger import Ledger
from weir.lineage.nodes import Node, fixed_nodes, in_order, model_nodes
from weir.lineage.stale import Picture
from weir.orchestra.columns import Columns
from weir.orchestra.environments import Environment
from weir.orchestra.manifest import Parsed, prepare
from weir.orchestra.warm import WarmDbt
from weir.registry import Registry, load
from weir.routing.sampling import Policy


class Project:
    """What the Dagster assets and the command line share.

    Args:
        settings: the project's settings.
        now: the clock; naive UTC.
    """

    def __init__(self, settings: Settings, now: Callable[[], datetime] = utc_now) -> None:
        self.settings = settings
        self.now = now

    def apart(self) -> "Project":
        """Return the same files, as they were read, with connections of their own: for another thread."""
        other = Project(self.settings, self.now)
        for name in ("parsed", "registry", "policies", "nodes", "columns", "past"):
            other.__dict__[name] = getattr(self, name)
        return other

    @cached_property
    def lake(self) -> Lake:
        """The lake."""
        return Lake(self.settings)

    @cached_property
    def history(self) -> EmbeddedHistory:
        """The lake's manifest and commits."""
        return EmbeddedHistory(self.lake)

    @cached_property
    def ledger(self) -> Ledger:
        """How each partition was built."""
        url = "" if self.settings.env else self.settings.ledger_url
        return Ledger(self.settings.ledger_path, url)

    @cached_property
    def verdicts(self) -> EmbeddedVerdicts:
        """What checks found, as the lake keeps it."""
        return EmbeddedVerdicts(self.lake)

    @cached_property
    def environment(self) -> Environment | None:
        """The environment that these settings name; None in production."""
        return Environment(self.settings) if self.settings.env else None

    @cached_property
    def registry(self) -> Registry:
        """The project's events."""
        return load(self.settings.events_dir)

    @cached_property
    def policies(self) -> dict[str, Policy]:
        """How each event is sampled into search, by event name."""
        events = self.registry.events.items()
        return {name: Policy(e.sampling, e.sampling_floor or None) for name, e in events}

    @property
    def policy_version(self) -> str:
        """A digest of every event's sampling policy."""
        return digest(*(f"{name}:{p.version}" for name, p in sorted(self.policies.items())))

    @cached_property
    def parsed(self) -> Parsed:
        """The parsed dbt project."""
        return prepare(self.settings)

    @cached_property
    def dbt(self) -> WarmDbt:
        """The warm dbt runner."""
        return WarmDbt(self.settings, self.parsed)

    @cached_property
    def nodes(self) -> list[Node]:
        """All assets, in the data's order."""
        grain = self.settings.grain
        return in_order([*fixed_nodes(grain), *model_nodes(self.parsed.json, grain)])

    @cached_property
    def columns(self) -> Columns:
        """The columns of all models: what feeds which."""
        versions = {node.asset: node.code for node in self.nodes}
        return Columns(self.settings, self.parsed, versions)

    @cached_property
    def past(self) -> Past:
        """What became of the code that partitions were built with."""
        return Past(self.nodes, self.columns.store.load, self.columns.codes)

    def picture(self, *, check: bool = False) -> Picture:
        """Look at the lake and the ledger now.

        Args:
            check: count what is really in each partition; one with other rows than the ledger says
                counts as missing. The search index, which is no part of the lake, always is.
        """
        with self.history.reading():
            self.ledger.sync(self.history)
            landed = self.history.landing()
            tables = self.history.tables("event_log")
            counts = self._counts() if check and self.lake.exists else {}
        rest: dict[str, Any] = {
            "policy": self.policy_version,
            "lag": timedelta(minutes=self.settings.close_lag_minutes),
            "now": self.now(),
            "tables": tables,
        }
        if self.environment is not None:  # it builds its code's whole past: that is what it is for
            production = self.environment.synced()
            picture: Picture = EnvironmentPicture(
                self.nodes, landed, self.ledger, production, counts=counts, **rest
            )
        else:
            counts |= {"search/events": self._indexed()}
            picture = Picture(self.nodes, landed, self.ledger, counts=counts, **rest)
            picture.keeps, picture.changed = self.past.keeps, self.past.changed
        picture.late = timedelta(days=self.settings.late_days)
        return picture

    def _counts(self) -> dict[str, dict[datetime, int]]:
        """Return the rows of every partition of the lake's tables, as they are."""
        tables = {
            schema: self.lake.tables(schema) for schema in ("event_log", "fact", "activation")
        }
        tables["accepted"] = set(TIERS)
        with self.lake.read() as connection:
            return {
                node.asset: partition_counts(connection, node.stage, node.table, node.column)
                if node.table in tables[node.stage]
                else {}
                for node in self.nodes
                if node.column
            }

    def _indexed(self) -> dict[datetime, int]:
        """Return the documents of every landing partition of the search index."""
        index = SearchIndex(self.settings.search_dir)
        days = index.days
        if not days:
            return {}
        midnight = datetime.min.time()
        first, last = (datetime.combine(day, midnight) for day in (days[0], days[-1]))
        stats = index.stats(first, last + timedelta(days=1))
        return {hour.landing_hour: hour.rows for hour in stats}
