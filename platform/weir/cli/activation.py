"""`weir activation`: add layers to facts, and look at them."""

from __future__ import annotations

import typer

from weir.cli import (
    activation_add,
    activation_bytes,
    activation_export,
    activation_restate,
    activation_show,
    activation_status,
)

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Layers of user activation: who is New, Retained, Reactivated, Inactive.",
    epilog="Example: weir activation add users_purchased_item --grain weekly",
)


@app.callback()
def root() -> None:
    """Layers of user activation: who is New, Retained, Reactivated, Inactive."""


activation_add.register(app)
activation_restate.register(app)
activation_show.register(app)
activation_export.register(app)
activation_status.register(app)
activation_bytes.register(app)
