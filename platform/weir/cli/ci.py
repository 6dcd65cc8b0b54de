"""`weir ci`: what a pull request does to the data, and whether it may."""

from __future__ import annotations

import tomllib
from pathlib import Path

import typer
import yaml

from weir.cli.events_check import write_summary
from weir.cli.main import State, err, print_json
from weir.core.errors import RunFailed, UsageError, WeirError
from weir.lineage.review.changed import Changed
from weir.lineage.review.markdown import cost, data_lines, headline, summary, unparsed
from weir.lineage.review.policy import Policy, Violation, violations
from weir.lineage.review.report import Report
from weir.orchestra.reviewing import review

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def ci(
    ctx: typer.Context,
    base: str = typer.Option(
        "", help="Compare with this branch, tag or hash. Default: WEIR_GIT_BASE, else main."
    ),
    out: Path | None = typer.Option(
        None,
        allow_dash=True,
        help="Write Markdown for the pull request to this file; `-` prints it.",
    ),
    policy: Path | None = typer.Option(
        None,
        help="YAML file of rules. Default: `[tool.weir.ci]` in pyproject.toml, if it is there.",
    ),
    sample: int = typer.Option(
        0, min=0, help="Build the newest N partitions of each changed model aside and compare them."
    ),
    allow_breaking: bool = typer.Option(
        False, "--allow-breaking", help="Breaking changes are meant: they do not fail."
    ),
    allow_dirty: bool = typer.Option(
        False, "--allow-dirty", help="Compare files as they lie, committed or not."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Say what the project's changes do to its data, and fail where the policy forbids that.

    Both commits are parsed and compared: which assets change and whether that breaks what is built,
    which columns and whose assets that reaches, what building again takes. Only --sample builds
    something, in an environment that is dropped afterwards. In the JSON `null` means that nobody looked, `[]` that nothing was found.

    Example: weir ci --base origin/main --out summary.md
    """
    if as_json and str(out) == "-":
        what = "--json and --out - both print to the standard output."
        raise UsageError(what, "Give the Markdown a file.")
    state: State = ctx.obj
    rules = _policy(policy, state.settings.project)
    try:
        report = review(state.settings, base, allow_dirty=allow_dirty, sample=sample)
    except RunFailed as error:
        write_summary(out, unparsed(error.what))
        raise
    found = violations(report, rules, allow_breaking=allow_breaking)
    write_summary(out, summary(report, found))
    if as_json:
        print_json(
            {"ok": not found, **report.as_dict(), "violations": [v.as_dict() for v in found]}
        )
        raise typer.Exit(1 if found else 0)
    _tell(report)
    if found:
        raise ExceptionGroup(f"{len(found)} problems", [_error(one) for one in found])


def _policy(file: Path | None, project: Path) -> Policy:
    place = file or project / "pyproject.toml"
    if file is None and not place.is_file():
        return Policy()
    try:
        text = place.read_text(encoding="utf-8")
        if place.suffix == ".toml":
            body = tomllib.loads(text).get("tool", {}).get("weir", {}).get("ci")
        else:
            body = yaml.safe_load(text)
    except OSError as error:
        what = f"The policy {place} cannot be read: {error.strerror}."
        raise UsageError(what, "Name a file that is there with --policy.") from None
    except (yaml.YAMLError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        told = " ".join(str(error).split())
        raise UsageError(f"The policy {place} cannot be read: {told}.", "Mend it there.") from None
    return Policy.read(body, str(place))


def _tell(report: Report) -> None:
    _say(f"Compared with {report.base}. Changes: {headline(report)}.")
    for one in report.changed:
        _tell_changed(one)
    for owner, found in report.by_owner().items():
        _say(f"reaches {owner or 'nobody named'}:")
        for each in found:
            _say(f"  {each.asset}: {', '.join(each.columns) if each.columns else 'all columns'}")
    _say(cost(report))
    for line in data_lines(report):
        _say(line)


def _tell_changed(one: Changed) -> None:
    by = f"{one.by}: {', '.join(one.macros)}" if one.macros else one.by.value
    _say(f"{one.change.change:<9} {one.asset} (by {by})")
    for sentence in one.change.reasons if one.change.rows else one.change.sentences():
        _say(f"          {sentence}")


def _error(one: Violation) -> WeirError:
    return WeirError(f"{one.asset}: {one.what}" if one.asset else one.what, one.remedy)


def _say(line: str) -> None:
    err.print(line, markup=False, highlight=False, soft_wrap=True)
