"""The page of measured speed, from the results that the benchmarks wrote (`benchmarks/results`)."""

from __future__ import annotations

import json
import statistics
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
    for name, describe in _PARTS:
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


def _activation(result: Json) -> Iterator[str]:
    layer, size = result["layer"], result["layer"]["size"]
    yield "## Activation\n"
    yield (
        f"`python benchmarks/activation.py`: a daily layer over {_count(size['users'])} made-up users and"
        f" {size['days']} days ({_count(size['active_user_days'])} active user-days), through Dagster, dbt"
        " and the lake with content hash, ledger, tests and identities, against plain DuckDB from Parquet"
        f" to Parquet without any of that, on a {_machine(result)}. All give the same rows.\n"
    )
    yield from _table(("ratio", "wall", "CPU", "target"), list(_activation_ratios(result)))
    yield "\nSeconds of wall time and of CPU, and the process's peak memory:\n"
    yield from _table(("what", "seconds", "CPU", "memory, MB"), list(_activation_seconds(layer)))
    late = layer["late"]
    parts = late["partitions"]
    yield (
        f"\nThe restatement rebuilt {_count(parts['rebuilt'])} partitions, of which"
        f" {_count(parts['changed'])} changed, and equals a build from scratch."
    )
    if "facts" in result:
        few = result["facts"][0]
        yield (
            f"\nThe layers of a day by the number of facts ({_count(few['users'])} users each), in one run"
            " for each fact and all in one run:\n"
        )
        facts = [
            (str(of["facts"]), *(f"{took[0]:.1f}" for took in of["took"].values()))
            for of in result["facts"]
        ]
        yield from _table(("facts", "a run for each, s", "one run, s"), facts)


def _activation_ratios(result: Json) -> Iterator[tuple[str, ...]]:
    ratios, targets = result["layer"]["ratios"], result["targets"]
    by_clock = {
        "flat": ("daily run, second half of the days over the first", "at most"),
        "full_over_day": ("full recompute over the daily run of the last day", "at least"),
        "range_over_full": ("range run over one full recompute", "at most"),
    }
    for name, (told, bound) in by_clock.items():
        wall, cpu = (f"{ratios[clock][name]:.2f}" for clock in ("wall", "cpu"))
        yield told, wall, cpu, f"{bound} {targets[name]}"
    statements = {
        "full_over_statements": "full recompute over the models' statements in that daily run",
        "range_statements_over_full": "the models' statements in the range run over one full recompute",
    }
    if "range_statements_over_full" in ratios["wall"]:
        for name, told in statements.items():
            yield told, f"{ratios['wall'][name]:.2f}", "", ""
    kept = ratios["state_kept"]
    told = "bytes of a snapshot a day over those of checkpoints"
    yield told, "none" if kept is None else f"{kept:.1f}", "", f"at least {targets['state_kept']}"
    if "stock" not in result:
        return
    bound = f"at least {targets['stock_over_warm']}"
    for told, of in result["stock"]["inside_a_run"].items():
        yield f"dbt as a process over warm dbt, {told}", f"{of['ratio']:.1f}", "", bound
    told = "`dagster asset materialize` of a day, stock dagster-dbt over ours"
    ratio = result["stock"]["launched"]["ratio"]
    yield told, f"{ratio:.1f}", "", f"at least {targets['launched']}"


def _activation_seconds(layer: Json) -> Iterator[tuple[str, ...]]:
    daily, last, late = layer["daily"], layer["last_day"], layer["late"]
    memory = _megabytes(daily)
    names = {"fact": "facts", "checkpoint": "checkpoints", "layer": "layer"}
    for kind, told in names.items():
        yield f"{told} day by day, {daily['runs'][kind]} runs", *_took(daily["took"][kind]), memory
    for kind, told in names.items():
        yield f"{told} in one run", *_took(_middle(layer["range"]["took"][kind])), _megabytes(layer["range"])  # fmt: skip
    plain = f"{last['peak_bytes_full_recompute'] / 1e6:,.0f}"
    yield "full recompute, plain DuckDB", *_took(_middle(last["took"]["full recompute"])), plain
    kept = layer["snapshots"]
    yield "snapshots day by day, plain DuckDB", f"{kept['seconds']:.1f}", "", _megabytes(kept)
    told = f"{_count(late['rows'])} late rows, {late['days_back']} days back: "
    for kind, which in names.items():
        yield told + which, *_took(late["took"][kind]), _megabytes(late)


def _capped(result: Json) -> Iterator[str]:
    capped, size = result["capped"], result["capped"]["size"]
    seconds = sum(of[0] for told, of in capped["took"].items() if "last day" not in told)
    yield (
        f"With {_count(size['users'])} users ({_count(size['active_user_days'])} active user-days) and DuckDB"
        f" held to {capped['memory']}, facts, checkpoints and the layer of {size['days']} days were built in"
        f" {_count(seconds)} s and one more day in {capped['took']['layer, last day'][0]:.1f} s;"
        f" {capped['spilled_bytes'] / 1e9:.1f} GB were spilled, the process had"
        f" {capped['peak_bytes'] / 1e9:.1f} GB at most, {capped['failed_checks']} checks failed. On a"
        f" {_machine(result)}."
    )


def _lineage(result: Json) -> Iterator[str]:
    targets = result["targets"]
    yield "## Lineage\n"
    yield (
        "`python benchmarks/lineage.py`: what lineage costs as a project grows, on a"
        f" {_machine(result)}; medians of {result['runs']}.\n"
    )
    rows = [
        (_count(m["models"]), *_clocks(m["weir"]), *_clocks(m["bare"]), f"{m['ratio']['cpu']:.2f}")
        for m in result["definitions"]
    ]
    yield "Definitions load, columns and their lineage included, against a bare `@dbt_assets`:\n"
    yield from _table(("models", "s", "CPU", "bare, s", "CPU", "ratio of CPU"), rows)
    yield (
        f"\nTarget of the ratio: {targets['definitions_ratio']} at 5,000 models. Ours are made while Python's garbage"
        " collector rests (`weir.orchestra.loading`); the bare ones pay for it.\n"
    )
    yield "What faults of every first asset reach, where all partitions are reached:\n"
    rows = [
        (f"{m['assets']} assets × {_count(m['days'])} days", _count(m["partitions"]), *_clocks(m))
        for m in result["closure"]
    ]
    yield from _table(("graph", "partitions", "s", "CPU"), rows)
    yield f"\nTarget: {targets['closure_seconds']:g} s for 120 assets over three years.\n"
    yield "A plan, from the ledger's content to its steps, after the code of all facts changed:\n"
    rows = [
        (_count(m["stale"]), _count(m["partitions"]), _count(m["steps"]), *_clocks(m))
        for m in result["plan"]
    ]
    yield from _table(("stale partitions", "reached", "runs", "s", "CPU"), rows)
    yield (
        f"\nTarget: {targets['plan_seconds']:g} s for 10,000 stale partitions. What a run costs beside"
        " stock dbt and Dagster is in the section on activation."
    )


def _console(result: Json) -> Iterator[str]:
    yield "## Console\n"
    yield (
        "`python benchmarks/console.py`: how long the API's answers take on the demo's lake, asked by"
        f" {result['browsers']} browsers at a time, at rest and while another process builds partitions; on a"
        f" {_machine(result)}. What was made of the lake is given again for two seconds, and for three more while"
        " it is made anew; the last column is the one answer when nothing is kept.\n"
    )
    rest, writes, first = (result[name] for name in ("at_rest", "while_a_run_writes", "first"))
    rows = [("all", *_millis(rest["all"]), *_millis(writes["all"]), "")] + [
        (
            f"`{path}`", *_millis(found), *_millis(writes["pages"][path]),
            f"{first['pages'][path]['median_ms']:.0f}",
        )
        for path, found in rest["pages"].items()
    ]  # fmt: skip
    head = ("answer", "at rest, ms", "p95", "while a run writes, ms", "p95", "the first, ms")
    yield from _table(head, rows)
    yield f"\nTarget: p95 of all answers while a run writes, {result['target_p95_ms']} ms."


def _console_lineage(result: Json) -> Iterator[str]:
    found = result["all"]
    yield (
        f"`python benchmarks/console_lineage.py`: panning and zooming over a picture of {_count(result['assets'])}"
        f" assets in headless Chromium on a {_machine(result)}: drawn in {result['drawn_seconds']:.1f} s; of"
        f" {found['frames']} frames the p95 took {found['p95_ms']:.1f} ms, {found['over_50_ms']} took over 50 ms."
    )


def _millis(found: Json) -> tuple[str, str]:
    return f"{found['median_ms']:.0f}", f"{found['p95_ms']:.0f}"


def _clocks(took: Json) -> tuple[str, str]:
    return f"{took['wall']:.2f}", f"{took['cpu']:.2f}"


def _took(took: Sequence[float]) -> tuple[str, str]:
    return f"{took[0]:.1f}", f"{took[1]:.1f}"


def _middle(runs: Sequence[Sequence[float]]) -> Sequence[float]:
    return [statistics.median(clock) for clock in zip(*runs, strict=True)]


def _megabytes(part: Json) -> str:
    return f"{part['peak_bytes'] / 1e6:,.0f}"


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


_PARTS = (
    ("collector", _collector), ("event_log", _event_log), ("activation", _activation),
    ("activation_capped", _capped), ("lineage", _lineage), ("console", _console),
    ("console_lineage", _console_lineage),
)  # fmt: skip
