"""The page of measured speed, from the results that the benchmarks wrote (`benchmarks/results`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks" / "results"
Json = Mapping[str, Any]

_HEAD = """# Speed

What the benchmarks of the repository measured, with the machine they ran on. Seconds differ from machine to
machine and from hour to hour; ratios are taken side by side in one run. Run them yourself: each says at its top
what it measures and how.
"""


def page() -> str:
    """Return the page; a benchmark without results is left out."""
    parts = [_HEAD]
    for name, describe in (("collector", _collector), ("event_log", _event_log)):
        path = RESULTS / f"{name}.json"
        if path.is_file():
            parts += ["\n".join(describe(json.loads(path.read_text()))), ""]
    return "\n".join(parts).rstrip() + "\n"


def _collector(result: Json) -> Iterator[str]:
    yield "## Collector\n"
    yield (
        "`python benchmarks/collector.py`: events a second over loopback HTTP, each durable (fdatasync) and"
        f" validated before it is answered; median of {_runs(result)}. {result['senders']} senders share"
        f" the {_machine(result)} with the server.\n"
    )
    rows = [
        (name, _count(m["per_second"]), _count(m["per_server_cpu_second"]))
        for name, m in result["median"].items()
    ]
    yield from _table(("case", "per second", "per second of the server's CPU"), rows)
    ratios = "; ".join(
        f"{name} {r['per_second']:.2f} (CPU {r['per_server_cpu_second']:.2f})"
        for name, r in result["ratio_to_unsafe"].items()
    )
    yield f"\nRatio to the same server without validation and fdatasync: {ratios}. Target: 0.5."


def _event_log(result: Json) -> Iterator[str]:
    yield "## Event logs\n"
    yield (
        "`python benchmarks/event_log.py`: the run that makes typed logs of an accepted hour (read, parse, keep"
        " what is undeclared, sort, write, content hash, ledger, tests, Dagster's events) against DuckDB's"
        " `read_json` to unsorted Parquet without any of that, over the same events, on a"
        f" {_machine(result)}.\n"
    )
    sizes = result["wall"]["sizes"]
    rows = [
        (
            _count(int(size)), f"{m['seconds']['typed logs']:.2f}", f"{m['seconds']['plain']:.2f}",
            f"{m['ratio_typed_logs']:.2f}",
        )
        for size, m in sizes.items()
    ]  # fmt: skip
    more = result["wall"]["a_million_more"]
    rows.append(
        (
            "each million more", f"{more['seconds']['typed logs']:.2f}",
            f"{more['seconds']['plain']:.2f}", f"{more['ratio_typed_logs']:.2f}",
        )
    )  # fmt: skip
    yield from _table(("events in the hour", "typed logs, s", "plain, s", "ratio"), rows)
    yield f"\nTarget of the ratio: {result['targets']['ratio']}. By the size of the hour's variety:\n"
    rows = [
        (str(m["types"]), f"{m['first hour']['seconds']}", f"{m['second hour']['seconds']}")
        for m in result["many_types"]
    ]
    yield from _table(("event types in an hour", "first hour, s", "second hour, s"), rows)
    limit = result["targets"]["seconds_500_types"]
    yield f"\n`weir run` in a fresh process, from landed to done. Target: 500 types within {limit} s."


def _runs(result: Json) -> int:
    return len(next(iter(result["runs"].values())))


def _machine(result: Json) -> str:
    machine = result["machine"]
    return f"machine ({machine['cpus']} virtual CPUs, {machine['cpu']}, Python {machine['python']})"


def _count(number: float) -> str:
    return f"{number:,.0f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
