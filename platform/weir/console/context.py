"""What the console's answers are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from weir.collect.acknowledged import Acknowledged
from weir.console.access import People, Sessions
from weir.console.access.oidc import Provider
from weir.console.access.signing_in import SigningIn
from weir.console.looks import Looks
from weir.console.projects import Projects
from weir.console.replays import Replays
from weir.console.seats import Seats
from weir.core.clock import utc_now
from weir.core.origins import environment
from weir.core.settings import Settings
from weir.registry.authoring import Bases

TAILS, TAILS_OF_ONE = 30, 4
"""Live tails that may be open, of all and of one person."""


@dataclass(frozen=True)
class Console:
    """One home's console.

    Attributes:
        settings: the home's.
        variables: the process's environment, as it was before a project was opened: dbt needs its own.
        people: who may sign in.
        sessions: who is.
        provider: the company's sign-in, if there is one.
        signing_in: who is on the way there.
        projects: the project, open.
        bases: the events that edits are made against.
        acknowledged: what the collector took, by day.
        replays: those of quarantined events that were started here.
        tails: who watches what arrives.
        now: the clock; naive UTC.
        looks: at what is stored.
    """

    settings: Settings
    variables: Mapping[str, str]
    people: People
    sessions: Sessions
    provider: Provider | None
    signing_in: SigningIn
    projects: Projects
    bases: Bases
    acknowledged: Acknowledged
    replays: Replays
    tails: Seats
    now: Callable[[], datetime]
    looks: Looks = field(default_factory=Looks)

    @classmethod
    def of(
        cls,
        settings: Settings,
        now: Callable[[], datetime] = utc_now,
        variables: Mapping[str, str] | None = None,
    ) -> Console:
        """Return the console of a home.

        Raises:
            UsageError: if its settings do not fit together.
        """
        lasts = timedelta(hours=settings.console_session_hours)
        home = settings.production_home
        projects = Projects(settings, now)
        return cls(
            settings=settings,
            variables=environment() if variables is None else variables,
            people=People(home, now),
            sessions=Sessions(home, lasts, now),
            provider=Provider(settings) if settings.oidc_issuer else None,
            signing_in=SigningIn(home, now),
            projects=projects,
            bases=Bases(settings),
            acknowledged=Acknowledged(settings.spool_dir),
            replays=Replays(settings, now, then=projects.look_again),
            tails=Seats(TAILS, TAILS_OF_ONE, "live tails are open", "Close one.", "too_many_tails"),
            now=now,
        )
