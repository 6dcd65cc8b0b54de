"""`weir env`: environments beside production: make, list, compare, promote, roll back, drop."""

from __future__ import annotations

from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from weir.cli import env_diff, env_promote
from weir.cli.env_named import environment_of, production_of
from weir.cli.main import err, out, print_json
from weir.core.clock import utc_now
from weir.core.errors import InvalidValue
from weir.orchestra import environment_homes as homes
from weir.orchestra.environments import Environment

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Environments: change models beside production, compare, promote.",
    epilog="Example: weir env create ann",
)


for module in (env_diff, env_promote):
    module.register(app)


@app.command()
def create(
    ctx: typer.Context,
    name: str = typer.Argument(help="Lower-case letters, digits and _; a letter first."),
    source: str = typer.Option("production", "--from", help="What it reads: production."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Make an environment: it reads production in place, and writes only its own.

    Example: weir env create ann
    """
    if source != "production":
        raise InvalidValue("from", source, ["production"])
    made = homes.create(production_of(ctx), name)
    if as_json:
        print_json(_described(made))
        return
    port = made.settings.dagster_port
    err.print(f"Made `{name}` in {made.settings.home}. Nothing was copied.", soft_wrap=True)
    err.print(f"Edit models, then `weir --env {name} run`; its Dagster is at port {port}.")


@app.command("list")
def list_(
    ctx: typer.Context,
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """List the environments of this home.

    Example: weir env list
    """
    found = [_described(each) for each in homes.environments(production_of(ctx))]
    if as_json:
        print_json(found)
        return
    if not found:
        err.print("There is no environment. `weir env create NAME` makes one.")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("name", "made by", "made", "last used", "MB", "port"):
        table.add_column(column, justify="right" if column in ("MB", "port") else "left")
    for each in found:
        table.add_row(
            escape(each["name"]), escape(each["made_by"]), str(each["made_at"])[:10],
            str(each["used_at"])[:16], f"{each['bytes'] / 1e6:,.1f}", str(each["dagster_port"]),
        )  # fmt: skip
    out.print(table)


@app.command()
def drop(
    ctx: typer.Context,
    name: str = typer.Argument(help="The environment."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Remove an environment and all that it built. Production is not touched.

    Example: weir env drop ann
    """
    freed = homes.drop(environment_of(ctx, name))
    if as_json:
        print_json({"dropped": name, "bytes": freed})
        return
    err.print(f"Dropped `{name}`: {freed / 1e6:,.1f} MB freed.")


@app.command()
def prune(
    ctx: typer.Context,
    yes: bool = typer.Option(False, "--yes", help="Drop them; without it they are only listed."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Drop environments that nobody used for WEIR_ENV_KEEP_DAYS; without --yes, list them.

    Example: weir env prune --yes
    """
    production = production_of(ctx)
    found = homes.unused(production, utc_now())
    told = [_described(each) for each in found]
    if yes:
        for each in found:
            homes.drop(each)
    if as_json:
        print_json({"dropped": yes, "environments": told})
        return
    for one in told:
        word = "dropped" if yes else "would drop"
        err.print(f"{word} {one['name']}: last used {str(one['used_at'])[:16]}", highlight=False)
    if not told:
        err.print(f"Every environment was used in the last {production.env_keep_days:g} days.")
    elif not yes:
        err.print("`weir env prune --yes` drops them.")


def _described(environment: Environment) -> dict[str, Any]:
    settings = environment.settings
    about = environment.about
    return {
        "name": settings.env,
        "home": str(settings.home),
        "made_at": about.made_at,
        "made_by": about.made_by,
        "used_at": environment.used_at,
        "bytes": homes.size_of(settings.home),
        "dagster_port": settings.dagster_port,
    }
