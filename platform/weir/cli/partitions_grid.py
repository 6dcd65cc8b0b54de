"""The grid of `weir partitions check`: one character per partition, within 80 columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import groupby

from rich.text import Text

from weir.core import grains
from weir.core.grains import Grain
from weir.lineage.checking import AssetReport, Finding, Repair

SOUND, UNBUILT, EXPIRED, NOTHING = "■", "□", "·", " "
_STYLES = {Repair.REBUILD: "bold red", Repair.RUN: "yellow", Repair.RECONCILE: "magenta"}
_MAX_ROWS = 62


def grid(report: AssetReport) -> Iterator[Text]:
    """Yield the lines of an asset's grid: a month of days in a row, a day of hours, a year of others."""
    marks = _marks(report)
    if not marks:
        return
    rows = [
        (row, list(labels))
        for row, labels in groupby(_all(marks, report.grain), _row(report.grain))
    ]
    shown = _interesting(rows, marks)
    yield Text(f"{'':10}{_ruler(report.grain)}", style="dim")
    last = -1
    for at, (row, labels) in enumerate(rows):
        if at not in shown:
            continue
        if last >= 0 and at > last + 1:
            yield Text(f"{'':10}… {at - last - 1} rows like that, all sound", style="dim")
        last = at
        yield _line(row, labels, marks, report.grain)
    if last < len(rows) - 1:
        yield Text(f"{'':10}… {len(rows) - 1 - last} rows like that, all sound", style="dim")


def legend(report: AssetReport) -> Iterator[tuple[str, str, str]]:
    """Yield (mark, style, what it means with its count) for every mark in an asset's grid."""
    counts = Counter(mark for mark, _ in _marks(report).values())
    by_mark = {f.meaning.mark: f for f in report.by_label.values()}
    for mark, word in ((SOUND, "as recorded"), (UNBUILT, "not built yet"), (EXPIRED, "expired")):
        if counts[mark]:
            yield mark, "green" if mark == SOUND else "dim", f"{counts[mark]:,} {word}"
    for mark in sorted(set(by_mark) & set(counts)):
        finding = by_mark[mark]
        yield mark, _style(finding), f"{counts[mark]:,} {finding.fault.value}"


def _marks(report: AssetReport) -> dict[datetime, tuple[str, str]]:
    """Return mark and style of each partition."""
    found = dict.fromkeys(report.unbuilt, (UNBUILT, "dim"))
    found |= dict.fromkeys(report.checked, (SOUND, "green"))
    found |= dict.fromkeys(report.expired, (EXPIRED, "dim"))
    found |= {at: (f.meaning.mark, _style(f)) for at, f in report.by_label.items()}
    return found


def _style(finding: Finding) -> str:
    return _STYLES.get(finding.meaning.repair, "")


def _all(marks: Mapping[datetime, tuple[str, str]], grain: Grain) -> Iterator[datetime]:
    first, last = min(marks), max(marks)
    return iter(grains.Range(first, grains.shift(last, grain, 1), grain))


def _row(grain: Grain) -> Callable[[datetime], str]:
    """Return the function that names the row of a label."""
    if grain is Grain.HOUR:
        return lambda label: label.strftime("%Y-%m-%d")
    if grain is Grain.DAY:
        return lambda label: label.strftime("%Y-%m")
    return lambda label: label.strftime("%Y")


def _place(label: datetime, grain: Grain) -> int:
    """Return a label's column in its row, from 0."""
    places = {
        "hour": label.hour,
        "day": label.day - 1,
        "month": label.month - 1,
        "quarter": (label.month - 1) // 3,
        "year": 0,
    }
    if grain.unit == "week":
        return (label.timetuple().tm_yday - 1) // 7
    return places[grain.unit]


def _ruler(grain: Grain) -> str:
    width = {"hour": 24, "day": 31, "week": 53, "month": 12}.get(grain.unit, 0)
    step, first = (6, 0) if grain is Grain.HOUR else (5, 1)
    numbers = range(first, first + width, step)
    return "".join(f"{number:<{step}}" for number in numbers).rstrip() if width > step else ""


def _interesting(
    rows: list[tuple[str, list[datetime]]], marks: Mapping[datetime, tuple[str, str]]
) -> set[int]:
    """Return which rows to show: all if they are few, else those that are not all sound, and the ends."""
    if len(rows) <= _MAX_ROWS:
        return set(range(len(rows)))
    odd = {
        at
        for at, (_, labels) in enumerate(rows)
        if any(marks.get(label, (SOUND, ""))[0] not in (SOUND, EXPIRED) for label in labels)
    }
    return {0, len(rows) - 1, *sorted(odd)[:_MAX_ROWS]}


def _line(
    row: str, labels: list[datetime], marks: Mapping[datetime, tuple[str, str]], grain: Grain
) -> Text:
    line, at = Text(f"{row:<10}"), 0
    for label in labels:
        place = _place(label, grain)
        line.append(NOTHING * (place - at))
        mark, style = marks.get(label, (NOTHING, ""))
        line.append(mark, style)
        at = place + 1
    line.rstrip()
    return line
