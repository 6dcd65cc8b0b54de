"""Says in Markdown what a check found: a job's summary, or a comment on the pull request. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from weir.core.errors import RegistryError
from weir.registry.findings import Finding
from weir.registry.sync.check import Report
from weir.registry.sync.comparison import Comparison
from weir.registry.sync.summary import (
    FORBIDDEN,
    HURTS,
    ROWS,
    code,
    columns_section,
    compatibility_section,
    escaped,
    more,
    table,
)


def check_summary(report: Report) -> str:
    """Return what a check found, with a section each for columns, compatibility, lint and models."""
    many = len(report.problems)
    verdict = "✅ right" if report.ok else f"{FORBIDDEN} {many} problem{'s' if many > 1 else ''}"
    sections = [
        f"# Events: {verdict}",
        *_compared(report.comparison),
        f"## Lint\n\n{_lint(report)}",
        f"## Generated models\n\n{_models(report)}",
    ]
    return "\n\n".join(sections) + "\n"


def _compared(comparison: Comparison | str) -> list[str]:
    if isinstance(comparison, str):
        return [f"{HURTS} {escaped(comparison)}"]
    unread = ", ".join(code(name) for name in comparison.unread)
    told = [
        f"Compared with {code(comparison.base)} at {code(comparison.commit)}.",
        comparison.caveat and f"{HURTS} {escaped(comparison.caveat)}",
        unread and f"{HURTS} Not compared, because their files are wrong: {unread}.",
        f"## Columns\n\n{columns_section(comparison.columns)}",
        f"## Compatibility\n\n{compatibility_section(comparison.changes)}",
    ]
    return [part for part in told if part]


def _lint(report: Report) -> str:
    rows = [(FORBIDDEN, _place(e.path, e.pointer), _what(e), escaped(e.remedy))
            for e in report.errors]  # fmt: skip
    rows += [(str(n.severity), _place(n.path, n.pointer), escaped(n.what), escaped(n.remedy))
             for n in _worst_first(report.notes)]  # fmt: skip
    if not rows:
        return "Nothing found."
    return table(("", "place", "what", "remedy"), rows[:ROWS]) + more(len(rows) - ROWS)


def _models(report: Report) -> str:
    if report.errors:
        return "Not looked at: the event files are wrong."
    if not report.stale:
        return "Current."
    files = "\n".join(f"- {code(error.path)}" for error in report.stale[:ROWS])
    return f"{FORBIDDEN} Not current. Run `weir events generate`.\n\n{files}"


def _worst_first(notes: Sequence[Finding]) -> list[Finding]:
    return sorted(notes, key=lambda note: note.severity != "warning")


def _place(path: str, pointer: str) -> str:
    return code(f"{path}#{pointer}" if pointer else path)


def _what(error: RegistryError) -> str:
    """Return an error's words without the place that they begin with."""
    place = f"{error.path}#{error.pointer}" if error.pointer else error.path
    return escaped(error.what.removeprefix(f"{place}: "))
