"""How the quarantine looks in a terminal: groups, one event with the wrong place marked, a replay."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from weir.collect.quarantine import Group, ReplayReport
from weir.core import grains
from weir.core.grains import Grain

_MOST_LINES = 200
_EXAMPLES = 5
_HEADS = {"version": "v"}


def group_table(groups: Sequence[Group], by: Sequence[str], grain: Grain) -> Table:
    """Return groups as a table with a column for each key that they were grouped by."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for key in by:
        table.add_column(_HEADS.get(key, key), no_wrap=key == "hour", overflow="fold")
    for name in ("rows", "replayed"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("first seen", "last seen", "sample"):
        table.add_column(name, no_wrap=name != "sample", overflow="fold")
    for group in groups:
        seen = (f"{group.first_seen:%m-%d %H:%M}", f"{group.last_seen:%m-%d %H:%M}")
        table.add_row(
            *(escape(_key(group, key, grain)) for key in by),
            f"{group.rows:,}",
            f"{group.replayed:,}",
            *seen,
            escape(group.sample),
            style="dim" if group.replayed == group.rows else "",
        )
    return table


def _key(group: Group, key: str, grain: Grain) -> str:
    value = getattr(group, key)
    if value is None:
        return "-"
    return grains.text(value, grain) if key == "hour" else str(value)


def event_text(row: dict[str, Any]) -> str:
    """Return one quarantined event as markup: the event with its wrong places, then why."""
    where = f"{row['receipt']}: landed {row['landing_hour']}, received {row['received_at']}"
    sender = f"{row['producer']}, {row['environment']}, {row['channel']}"
    lines = [f"[bold]{escape(where)}[/] from {escape(sender)}"]
    wrong = {v["pointer"]: i for i, v in enumerate(row["violations"], 1)}
    if row["whole"]:
        lines += _clipped(list(_json_lines(row["event"], wrong)))
    else:
        lines += ["[dim]Only this of it was kept:[/]", *_clipped(_raw_lines(row["event"]))]
    for i, violation in enumerate(row["violations"], 1):
        place = violation["pointer"] or "the event"
        lines.append(
            f"[red]{i}. {escape(place)}[/] {escape(violation['rule'])}: expected"
            f" {escape(violation['expected'])}, found {escape(violation['found'])}."
            f" {escape(violation['remedy'])}"
        )
    mark = row["replayed"]
    lines.append(
        f"Replayed {mark['replayed_at']} by {escape(mark['by'])}: {mark['outcome']} in"
        f" {mark['tier']} as {escape(mark['receipt'])}."
        if mark
        else "Not replayed."
    )
    return "\n".join(lines)


def _raw_lines(raw: Any) -> list[str]:
    return [escape(line) for line in str(raw)[:4_000].splitlines()]


def _clipped(lines: list[str]) -> list[str]:
    if len(lines) <= _MOST_LINES:
        return lines
    return [*lines[:_MOST_LINES], f"[dim]… {len(lines) - _MOST_LINES} more lines: --json[/]"]


def _json_lines(
    value: Any, wrong: dict[str, int], pointer: str = "", tail: str = ""
) -> Iterator[str]:
    """Yield a JSON value's lines; the value at a wrong pointer is red and ends with its number."""
    yield from _indented(value, wrong, pointer, "", "", tail)


def _indented(
    value: Any, wrong: dict[str, int], pointer: str, indent: str, head: str, tail: str
) -> Iterator[str]:
    number = wrong.get(pointer) if pointer else None
    start, end = ("[red]", f"[/] [bold red]← {number}[/]") if number else ("", "")
    if not isinstance(value, (dict, list)) or not value:
        text = escape(json.dumps(value, ensure_ascii=False))
        yield f"{indent}{start}{escape(head)}{text}{tail}{end}"
    else:
        opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
        yield f"{indent}{start}{escape(head)}{escape(opening)}{end}"
        yield from _children(value, wrong, pointer, indent + "  ")
        yield f"{indent}{closing}{tail}"
    if isinstance(value, dict):
        yield from _absent(value, wrong, pointer, indent + "  ")


def _children(
    value: dict[str, Any] | list[Any], wrong: dict[str, int], pointer: str, indent: str
) -> Iterator[str]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    last = len(value) - 1
    for i, (key, child) in enumerate(pairs):
        token = str(key).replace("~", "~0").replace("/", "~1")
        head = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(value, dict) else ""
        comma = "," if i < last else ""
        yield from _indented(child, wrong, f"{pointer}/{token}", indent, head, comma)


def _absent(
    value: dict[str, Any], wrong: dict[str, int], pointer: str, indent: str
) -> Iterator[str]:
    """Yield a line for each wrong pointer that names a key which is not there."""
    for place, number in wrong.items():
        parent, _, token = place.rpartition("/")
        key = token.replace("~1", "/").replace("~0", "~")
        if place and parent == pointer and key not in value:
            yield f"{indent}[red]{escape(json.dumps(key, ensure_ascii=False))} is absent[/] [bold red]← {number}[/]"


def replay_sentences(report: ReplayReport, grain: Grain) -> Iterator[str]:
    """Yield what a replay did, or would do, and why events stay."""
    if not report.looked_at:
        yield "Nothing of that waits in quarantine."
        return
    yield _landed(report, grain)
    stays = report.looked_at - report.valid
    if stays:
        reasons = ", ".join(f"{count:,} {rule}" for rule, count in report.reasons.most_common(8))
        yield f"{stays:,} stay: {escape(reasons)}."
    for example in report.examples[:_EXAMPLES]:
        place = example.pointer or "the event"
        yield (
            f"  {escape(example.receipt)} {escape(example.event or '')}: {escape(place)}"
            f" {escape(example.rule)}: expected {escape(example.expected)}, found"
            f" {escape(example.found)}. {escape(example.remedy)}"
        )


def _landed(report: ReplayReport, grain: Grain) -> str:
    tiers = ", ".join(f"{tier} {count:,}" for tier, count in sorted(report.tiers.items()))
    if report.dry_run:
        return (
            f"{report.valid:,} of {report.looked_at:,} quarantined events are valid now"
            f"{f' ({tiers})' if tiers else ''}. Nothing was written."
        )
    hours = sorted({grains.text(g.landing_hour, grain) for g in report.generations})
    where = f" in {', '.join(hours)}" if hours else ""
    meanwhile = f" {report.already:,} were replayed meanwhile by another." if report.already else ""
    return (
        f"Replayed {report.replayed:,} of {report.looked_at:,} quarantined events"
        f"{f' ({tiers})' if tiers else ''}{where}.{meanwhile}"
    )
