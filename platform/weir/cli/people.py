"""`weir people`: who may use the console, as what, and with which tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import typer
from rich.table import Table

from weir.audit import note
from weir.cli.main import State, err, out, print_json
from weir.collect.tokens import duration
from weir.console.access import People, Role
from weir.console.access.people import LINK_LASTS, Held
from weir.core.addresses import sign_in_link

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="People of the console: list, add, give a role, make tokens and sign-in links.",
    epilog="Example: weir people add ann@example.com --role editor",
)
_JSON = typer.Option(False, "--json", help="Print the result as JSON.")
_NAME = typer.Argument(help="How they are known, e.g. ann@example.com.")
_ROLE = typer.Option("viewer", help="viewer, editor, operator or admin.")


@app.command("list")
def list_people(ctx: typer.Context, as_json: bool = _JSON) -> None:
    """List everybody with role and tokens; never the tokens' secrets.

    Example: weir people list
    """
    people = _people(ctx)
    tokens = people.tokens()
    held = {p.name: [t for t in tokens if t.name == p.name] for p in people.all()}
    if as_json:
        print_json([
            {"name": p.name, "role": p.role.value, "tokens": [vars(t) for t in held[p.name]]}
            for p in people.all()
        ])  # fmt: skip
        return
    if not held:
        err.print("Nobody may sign in yet. Let somebody in with `weir people add NAME`.")
        return
    table = Table("name", "role", "tokens", box=None)
    for person in people.all():
        table.add_row(person.name, person.role.value, ", ".join(map(_told, held[person.name])))
    out.print(table)


@app.command()
def add(ctx: typer.Context, name: str = _NAME, role: str = _ROLE, as_json: bool = _JSON) -> None:
    """Let somebody in and print a sign-in link, good for one hour and one use.

    Example: weir people add ann@example.com --role editor
    """
    _people(ctx).add(name, Role.of(role))
    _print_link(ctx, name, as_json=as_json)


@app.command()
def link(ctx: typer.Context, name: str = _NAME, as_json: bool = _JSON) -> None:
    """Print a sign-in link for somebody, good for one hour and one use.

    Example: weir people link ann@example.com
    """
    _print_link(ctx, name, as_json=as_json)


@app.command()
def role(
    ctx: typer.Context,
    name: str = _NAME,
    new: str = typer.Argument(help="viewer, editor, operator or admin."),
    as_json: bool = _JSON,
) -> None:
    """Give somebody another role; open sessions have it at once.

    Example: weir people role ann@example.com operator
    """
    person = _people(ctx).set_role(name, Role.of(new))
    if as_json:
        print_json({"name": person.name, "role": person.role.value})
    else:
        err.print(f"{person.name} is {person.role.value} now.")


@app.command()
def token(
    ctx: typer.Context,
    name: str = _NAME,
    expires: str = typer.Option("90d", help="How long it lasts: 90d, 24h, 30m, or never."),
    as_json: bool = _JSON,
) -> None:
    """Make a token for somebody's scripts and print it, once: only its hash is kept.

    Example: weir people token ann@example.com --expires 30d
    """
    lasts = None if expires == "never" else duration(expires)
    held, text = _people(ctx).make_token(name, lasts)
    note(token_id=held.id)
    if as_json:
        print_json(vars(held) | {"token": text})
        return
    typer.echo(text)
    err.print(
        f"This is the only time it is shown. {held.name}, {_until(held)}.\n"
        "Send it as the header `Authorization: Bearer …`, or sign in with it.",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def revoke(
    ctx: typer.Context,
    token_id: str = typer.Argument(help="The token's id, as `weir people list` shows it."),
    as_json: bool = _JSON,
) -> None:
    """End a token, and the open sessions of its person.

    Example: weir people revoke 1f2e3d4c5b
    """
    _people(ctx).revoke(token_id)
    _done(f"The token {token_id} is revoked.", {"revoked": token_id}, as_json=as_json)


@app.command()
def remove(ctx: typer.Context, name: str = _NAME, as_json: bool = _JSON) -> None:
    """Let somebody in no more: their tokens and sessions end at once.

    Example: weir people remove ann@example.com
    """
    _people(ctx).remove(name)
    _done(f"{name} may sign in no more.", {"removed": name}, as_json=as_json)


def _print_link(ctx: typer.Context, name: str, *, as_json: bool) -> None:
    held, text = _people(ctx).make_token(name, LINK_LASTS, once=True)
    note(token_id=held.id)
    address = sign_in_link(ctx.obj.settings, text)
    if as_json:
        print_json(vars(held) | {"link": address})
        return
    typer.echo(address)
    err.print(f"Good for one sign-in of {name}, {_until(held)}.", highlight=False, soft_wrap=True)


def _done(text: str, result: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        err.print(text, highlight=False)


def _told(held: Held) -> str:
    return f"{held.id} ({'link, ' if held.once else ''}{_until(held)})"


def _until(held: Held) -> str:
    ends: datetime | None = held.expires_at
    return f"until {ends:%Y-%m-%d %H:%M} UTC" if ends else "until revoked"


def _people(ctx: typer.Context) -> People:
    state: Any = ctx.obj
    assert isinstance(state, State)
    return People(state.settings.production_home)
