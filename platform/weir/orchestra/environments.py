"""One environment of a home: its folder, its copy of production's ledger, and what its runs need."""

import getpass
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from weir.core.grains import Range
from weir.core.settings import Settings
from weir.engines.embedded.environments import EnvironmentLake
from weir.engines.embedded.history import EmbeddedHistory
from weir.engines.embedded.lake import Lake
from weir.lineage.environments.picture import EnvironmentPicture
from weir.lineage.ledger import Ledger
from weir.lineage.nodes import Node
from weir.lineage.stale import Picture

FILE = "environment.json"
_USED = "used"


@dataclass(frozen=True)
class About:
    """What is kept of an environment.

    Attributes:
        name: its name.
        made_at: when; UTC.
        made_by: who.
        fingerprints: asset → code and fingerprint of production's models when it was made.
    """

    name: str
    made_at: str
    made_by: str
    fingerprints: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def write(self, home: Path) -> None:
        """Keep it in the environment's home."""
        (home / FILE).write_text(json.dumps(asdict(self), indent=2))

    @classmethod
    def read(cls, home: Path) -> "About":
        """Read it from the environment's home."""
        return cls(**json.loads((home / FILE).read_text()))


def login() -> str:
    """Return who is at work."""
    return getpass.getuser()


class Environment:
    """An environment that is there.

    Args:
        settings: its settings.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.lake = EnvironmentLake(settings)

    @cached_property
    def _production(self) -> tuple[Ledger, EmbeddedHistory]:
        """A cache of production's ledger of its own: production's file is left alone."""
        ledger = Ledger(self.settings.home / "production.db")
        return ledger, EmbeddedHistory(Lake(self.settings.production))

    @property
    def about(self) -> About:
        """What is kept of it."""
        return About.read(self.settings.home)

    def synced(self) -> Ledger:
        """Return how production's partitions are built now."""
        ledger, history = self._production
        ledger.sync(history)
        self.touch()
        return ledger

    def touch(self) -> None:
        """Remember that it was used."""
        file = self.settings.home / _USED
        file.touch()
        os.utime(file)

    @property
    def used_at(self) -> datetime:
        """When it was last used; naive UTC."""
        file = self.settings.home / _USED
        seconds = (file if file.is_file() else self.settings.home).stat().st_mtime
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)

    def prepare(
        self, picture: Picture, nodes: Sequence[Node], labels: Range
    ) -> dict[str, list[str]]:
        """Bring the views to what the picture says, before a run.

        Returns:
            Asset → statements that belong in the transaction which builds it.
        """
        assert isinstance(picture, EnvironmentPicture)
        self.lake.show(picture.overlays())
        return {
            node.asset: self.lake.statements(
                picture.overlay(node, labels), picture.base(node, labels)
            )
            for node in nodes
        }
