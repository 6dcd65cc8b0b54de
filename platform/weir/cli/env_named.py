"""The settings that a command on environments works with."""

from __future__ import annotations

import typer

from weir.cli.main import State
from weir.core.settings import Settings, load
from weir.orchestra.environments import Environment


def production_of(ctx: typer.Context) -> Settings:
    """Return production's settings, whatever environment is named."""
    state: State = ctx.obj
    return State(state.project, state.home, "").settings.production


def environment_of(ctx: typer.Context, name: str) -> Environment:
    """Return an environment by its name.

    Raises:
        NotFound: if there is none.
    """
    settings = production_of(ctx)
    return Environment(load(settings.project, settings.home, name))
