"""`weir tokens`: make, list, revoke and rotate the write tokens of producers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import typer

from weir.audit import note
from weir.cli.main import State, err, print_json
from weir.collect.producers import Channel, Environment
from weir.collect.tokens import FILE, Grant, Token, TokenFile, as_dict, duration
from weir.core.clock import utc_now

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Write tokens of producers: create, list, revoke, rotate.",
    epilog="Example: weir tokens create shop-backend",
)
_JSON = typer.Option(False, "--json", help="Print the result as JSON.")
_ID = typer.Argument(help="The token's id, as `weir tokens list` shows it.")


@app.command()
def create(  # noqa: PLR0913, PLR0917 - the fields of a token
    ctx: typer.Context,
    producer: str = typer.Argument(help="Who sends, e.g. shop-backend. Stamped into each event."),
    environment: str = typer.Option("prod", help="prod, or test: never in production's logs."),
    channel: str = typer.Option("server", help="server, or client for browsers and apps."),
    strict: bool = typer.Option(
        False,
        "--strict",
        help="Quarantine what else is only flagged: undeclared, no id, no version.",
    ),
    events: list[str] = typer.Option(
        [], "--events", help="Event names it may send, e.g. '*_shop'. Repeatable. Default: any."
    ),
    rate: int | None = typer.Option(None, help="Events per second. Default: no limit."),
    burst: int | None = typer.Option(
        None, help="Events at once. Default: ten seconds of the rate."
    ),
    rate_bytes: int | None = typer.Option(None, help="Body bytes per second. Default: no limit."),
    origins: list[str] = typer.Option(
        [], "--origin", help="Web origin that may use it, e.g. https://example.com. Repeatable."
    ),
    tail: bool = typer.Option(
        False, "--tail", help="May also listen to the live tail, which shows everybody's events."
    ),
    expires: str = typer.Option("never", help="How long it lasts: 90d, 24h, 30m, or never."),
    as_json: bool = _JSON,
) -> None:
    """Make a write token and print it, once: only its hash is kept.

    Example: weir tokens create shop-backend --rate 1000 --expires 90d
    """
    grant = Grant(
        producer, cast("Environment", environment), cast("Channel", channel), strict,
        tuple(events), rate, burst, rate_bytes, tuple(origins),
        None if expires == "never" else duration(expires), tail,
    )  # fmt: skip
    token, text = _file(ctx).create(grant)
    note(token_id=token.id)
    _print_new(token, text, as_json=as_json)


@app.command("list")
def list_tokens(ctx: typer.Context, as_json: bool = _JSON) -> None:
    """List all tokens with producer, limits and state; never their secrets.

    Example: weir tokens list
    """
    now, tokens = utc_now(), _file(ctx).read()
    if as_json:
        print_json([as_dict(token) | {"state": token.state(now)} for token in tokens])
        return
    if not tokens:
        err.print("There are no tokens. Make one with `weir tokens create PRODUCER`.")
        return
    head = (
        "id",
        "ends with",
        "producer",
        "environment",
        "channel",
        "strict",
        "tail",
        "rate",
        "expires",
        "state",
    )
    rows = [head, *[_row(token, now) for token in tokens]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())


@app.command()
def revoke(ctx: typer.Context, token_id: str = _ID, as_json: bool = _JSON) -> None:
    """End a token; running collectors refuse it within a second.

    Example: weir tokens revoke 1f2e3d4c5b
    """
    token = _file(ctx).revoke(token_id)
    if as_json:
        print_json(as_dict(token))
    else:
        err.print(f"The token {token.id} of {token.producer} is revoked.")


@app.command()
def rotate(
    ctx: typer.Context,
    token_id: str = _ID,
    overlap: str = typer.Option("24h", help="How long the old token still works: 24h, 30m, 0s."),
    as_json: bool = _JSON,
) -> None:
    """Make a token like this one, which then ends after the overlap.

    Example: weir tokens rotate 1f2e3d4c5b --overlap 24h
    """
    token, text = _file(ctx).rotate(token_id, duration(overlap))
    note(token_id=token.id)
    _print_new(token, text, as_json=as_json)


def _print_new(token: Token, text: str, *, as_json: bool) -> None:
    if as_json:
        print_json(as_dict(token) | {"token": text})
        return
    typer.echo(text)
    ends = f"until {token.expires_at:%Y-%m-%d %H:%M} UTC" if token.expires_at else "until revoked"
    err.print(
        f"This is the only time it is shown. {token.producer}, {token.environment}, {ends}.\n"
        "Send it as the header `Authorization: Bearer …`.",
        highlight=False,
        soft_wrap=True,
    )


def _row(token: Token, now: datetime) -> tuple[str, ...]:
    rate = "" if token.rate is None else f"{token.rate}/s"
    expires = f"{token.expires_at:%Y-%m-%d}" if token.expires_at else "never"
    strict, tail = ("yes" if said else "" for said in (token.strict, token.tail))
    return (
        token.id, token.last4, token.producer, token.environment, token.channel, strict,
        tail, rate, expires, token.state(now),
    )  # fmt: skip


def _file(ctx: typer.Context) -> TokenFile:
    state: Any = ctx.obj
    assert isinstance(state, State)
    return TokenFile(state.settings.home / FILE, utc_now)
