"""What the console's answers are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from weir.console.access import People, Sessions
from weir.console.projects import Projects
from weir.console.replays import Replays
from weir.console.seats import Seats
from weir.core.clock import utc_now
from weir.core.settings import Settings
from weir.registry.authoring import Bases

TAILS, TAILS_OF_ONE = 30, 4
"""Live tails that may be open, of all and of one person."""


@dataclass(frozen=True)
class Console:
    """One home's console.

    Attributes:
        settings: the home's.
        people: who may sign in.
        sessions: who is.
        projects: the project, open.
        bases: the events that edits are made against.
        replays: those of quarantined events that were started here.
        tails: who watches what arrives.
        now: the clock; naive UTC.
    """

    settings: Settings
    people: People
    sessions: Sessions
    projects: Projects
    bases: Bases
    replays: Replays
    tails: Seats
    now: Callable[[], datetime]

    @classmethod
    def of(cls, settings: Settings, now: Callable[[], datetime] = utc_now) -> Console:
        """Return the console of a home."""
        lasts = timedelta(hours=settings.console_session_hours)
        home = settings.production_home
        return cls(
            settings,
            People(home, now),
            Sessions(home, lasts, now),
            Projects(settings, now),
            Bases(settings),
            Replays(settings, now),
            Seats(TAILS, TAILS_OF_ONE),
            now,
        )
