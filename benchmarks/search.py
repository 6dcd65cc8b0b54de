"""Claim: a 10 % index costs at most 0.12 of the full one, in time and in bytes.

Both are built side by side, alternating, from the same Arrow batches of synthetic events (as read
from the lake); medians of 3. Time is everything: draw, filter, index, merge, commit, fsync.
What does not shrink with the rate: hashing the keys, filtering the batches, and the fsyncs of one
commit (`fixed_seconds`: the index of the first event alone). A small index also writes its one
segment only at the commit, a large one while documents still come: below ~150,000 events that
alone is worth 0.01 (measured: 0.121 at 120,000, 0.114 at 240,000).
"""

from __future__ import annotations

import json
import os
import platform
import random
import shutil
import statistics
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

from weir.engines.embedded.search import SearchIndex
from weir.routing.indexing import ROWS, build
from weir.routing.sampling import Policy

EVENTS, USERS, HOURS, ROUNDS = 180_000, 18_000, 6, 3
START = datetime(2026, 1, 1)
NAMES = ("view_item_shop", "click_item_home", "purchase_item_shop", "push_commit_git")


def events() -> list[pa.RecordBatch]:
    """Return synthetic accepted rows, hour by hour: a heavy tail of users, ~10 events each."""
    draw = random.Random(7)
    words = [f"word{n}" for n in range(2_000)]
    rows = []
    for n in range(EVENTS):
        hour = START + timedelta(hours=n * HOURS // EVENTS)
        params = {
            "quantity": draw.randrange(9),
            "price": round(draw.random() * 50, 2),
            "title": " ".join(draw.choices(words, k=6)),
            "files": {"added": draw.randrange(5), "deleted": draw.randrange(5)},
        }
        at = hour + timedelta(seconds=draw.randrange(3600))
        user = min(int(draw.paretovariate(1.2) * USERS / 20), USERS * 4) + draw.randrange(USERS)
        rows.append(
            dict.fromkeys(ROWS.names)
            | {
                "landing_hour": hour,
                "lane": "normal",
                "epoch": 1,
                "offset": n,
                "received_at": at,
                "event_id": f"{draw.getrandbits(128):032x}",
                "event_name": draw.choices(NAMES, (60, 25, 10, 5))[0],
                "event_time": at,
                "user_id": f"{user:07d}",
                "platform": draw.choice(("ios", "android", "web")),
                "app_version": "3.1.0",
                "params": json.dumps(params),
            }
        )
    size = 8192
    return [
        pa.RecordBatch.from_pylist(rows[i : i + size], schema=ROWS) for i in range(0, EVENTS, size)
    ]


def once(batches: list[pa.RecordBatch], counts: Counter, rate: float) -> tuple[float, int, int]:
    """Build one index; return (seconds, bytes, documents)."""
    folder = Path(tempfile.mkdtemp(prefix="weir-bench-"))
    try:
        index = SearchIndex(folder)
        policies = dict.fromkeys(NAMES, Policy(rate))
        began = time.perf_counter()
        stats = build(index, START, START + timedelta(hours=HOURS), batches, counts, policies)
        seconds = time.perf_counter() - began
        size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
        return seconds, size, sum(s.rows for s in stats)
    finally:
        shutil.rmtree(folder)


def main() -> None:
    batches = events()
    names = (
        zip(b["landing_hour"].to_pylist(), b["event_name"].to_pylist(), strict=True)
        for b in batches
    )
    counts = Counter(cell for pairs in names for cell in pairs)
    runs = {rate: [] for rate in (0.1, 1.0)}
    first = batches[0].slice(0, 1)
    alone = Counter({(START, first["event_name"][0].as_py()): 1})
    fixed = []
    for _ in range(ROUNDS):
        fixed.append(once([first], alone, 1.0)[0])
        for rate, results in runs.items():
            results.append(once(batches, counts, rate))
    tenth, full = (
        [statistics.median(r[i] for r in runs[rate]) for i in range(3)] for rate in (0.1, 1.0)
    )
    print(
        json.dumps(
            {
                "claim": "search at 10 % over 100 %: index time and bytes",
                "target": 0.12,
                "events": EVENTS,
                "users_kept_share": round(tenth[2] / full[2], 4),
                "seconds": {"10 %": round(tenth[0], 3), "100 %": round(full[0], 3)},
                "fixed_seconds": round(statistics.median(fixed), 3),
                "bytes": {"10 %": tenth[1], "100 %": full[1]},
                "documents": {"10 %": tenth[2], "100 %": full[2]},
                "documents_per_second_100": round(full[2] / full[0]),
                "ratio_seconds": round(tenth[0] / full[0], 4),
                "ratio_bytes": round(tenth[1] / full[1], 4),
                "machine": {
                    "cpus": os.cpu_count(),
                    "arch": platform.machine(),
                    "python": platform.python_version(),
                },
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
