"""A process that collects and seals while it is backed up: `python writing.py HOME STOP_FILE`.

It writes segments of five records, prints how many are durable, and seals them; a segment is removed
as soon as it landed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.engines.spool_records import T0, payloads, write_segment
from weir.collect.sealer import Sealer
from weir.core.settings import Settings

SEGMENT = 5


def main(home: Path, stop: Path) -> None:
    settings = Settings(home=home, project=home, keep_segments_hours=0)
    sealer = Sealer(settings, sleep=lambda _: None)
    first = 0
    while not stop.exists():
        for _ in range(3):
            records = payloads("normal", 1, first, SEGMENT, T0)
            write_segment(settings.spool_dir, "normal", 1, records, first)
            first += SEGMENT
        print(first, flush=True)
        report = sealer.seal()
        assert not report.errors, report.errors


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
