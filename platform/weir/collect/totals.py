"""What all writers of a collector counted together: each says it on a sheet, each reads all sheets.

`spool/metrics/<epoch>` is a writer's sheet; the supervisor adds the sheets of ended writers to
`spool/metrics/ended`, so that no counter goes back while the collector lives, and starts with none.
A scrape reads files alone, its own too, after every writer had time to say what it has answered; so
counters never go back, whoever is asked.
A killed writer's counts of its last moment (`SAY_SECONDS`) are lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from weir.collect.gauges import Gauges
from weir.collect.metrics import Metrics
from weir.collect.sheets import Sheet, read_sheet

log = logging.getLogger(__name__)

FOLDER, ENDED = "metrics", "ended"
SAY_SECONDS = 0.1
"""How long a writer may keep a count to itself."""
REST_SECONDS = 1.0
"""How often a writer says what it is without a request: gauges change by themselves."""
_REMEMBERED = 1_000


class Standing(NamedTuple):
    """What one writer, or all of them, counted and are."""

    metrics: Metrics
    gauges: Gauges


class Totals:
    """One writer's part in the counts of all.

    Args:
        spool_dir: the spool's folder.
        epoch: the writer's epoch: it names its sheet.
        now: returns what this writer counted and is.
    """

    def __init__(self, spool_dir: Path, epoch: int, now: Callable[[], Standing]) -> None:
        self._folder = spool_dir / FOLDER
        self._sheet = Sheet(_path(self._folder, epoch))
        self._now = now
        self._said = b""
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._failed = False

    def changed(self) -> None:
        """Note that something was counted; it is said soon."""
        self._changed.set()

    async def start(self) -> None:
        """Say that this writer is there, and again and again what it counted."""
        await self.say()
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Say it for the last time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self.say()
        self._sheet.close()

    async def say(self) -> None:
        """Write what was counted up to now."""
        async with self._one_at_a_time:
            body = _encode(self._now())
            if body == self._said:
                return
            try:
                await asyncio.to_thread(self._sheet.write, body)
                self._said = body
                self._failed = False
            except OSError as error:
                if not self._failed:
                    log.warning("Metrics cannot be written, they are counted on: %s", error)
                self._failed = True

    async def read(self) -> Standing:
        """Return the sum over all writers, of all that was answered before."""
        if len(await asyncio.to_thread(_sheets, self._folder)) > 1:
            await asyncio.sleep(SAY_SECONDS * 1.5)
        await self.say()
        if not self._said:  # there is no place to write: this writer alone is better than nothing
            return self._now()
        return await asyncio.to_thread(read_totals, self._folder)

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(REST_SECONDS):
                    await self._changed.wait()
                await asyncio.sleep(SAY_SECONDS)
            self._changed.clear()
            await self.say()


def read_totals(folder: Path) -> Standing:
    """Return the sum of a folder's sheets."""
    said = {path: read_sheet(path) for path in _sheets(folder)}
    ended = _ended(folder)  # after the sheets: one that has gone since is in it
    done = set(ended["epochs"])
    bodies = [body for path, body in said.items() if body and int(path.name) not in done]
    return _sum([*map(orjson.loads, bodies), ended])


def clear(spool_dir: Path) -> None:
    """Forget all counts: a collector starts. Only with the collector's lock."""
    folder = spool_dir / FOLDER
    for path in list(folder.iterdir()) if folder.is_dir() else ():
        path.unlink(missing_ok=True)


def fold(spool_dir: Path, living: Iterable[int]) -> None:
    """Add the sheets of writers that have ended to those of the ended; gauges end with a writer.

    Only the supervisor does so.
    """
    folder, alive = spool_dir / FOLDER, set(living)
    dead = [path for path in _sheets(folder) if int(path.name) not in alive]
    if not dead:
        return
    ended = _ended(folder)
    fresh = [path for path in dead if int(path.name) not in set(ended["epochs"])]
    said = [orjson.loads(body) for path in fresh if (body := read_sheet(path))]
    total = _sum([*said, ended])
    epochs = [*ended["epochs"], *(int(path.name) for path in fresh)][-_REMEMBERED:]
    content = {"metrics": total.metrics.plain(), "gauges": total.gauges.ended(), "epochs": epochs}
    sheet = Sheet(folder / ENDED)  # a whole new file, put in the old one's place
    try:
        sheet.write(orjson.dumps(content))
    except OSError as error:
        log.warning("The metrics of ended writers stay apart: %s", error)
        return
    finally:
        sheet.close()
    for path in dead:
        path.unlink(missing_ok=True)


def _sum(parts: Iterable[dict[str, Any]]) -> Standing:
    metrics, gauges = Metrics(), []
    for part in parts:
        metrics.add(part["metrics"])
        gauges.append(part["gauges"])
    return Standing(metrics, Gauges.of_all(gauges))


def _ended(folder: Path) -> dict[str, Any]:
    body = read_sheet(folder / ENDED)
    found: dict[str, Any] = {"metrics": {}, "gauges": {}, "epochs": []}
    return found if body is None else orjson.loads(body)


def _sheets(folder: Path) -> list[Path]:
    return (
        sorted(path for path in folder.iterdir() if path.name.isdigit()) if folder.is_dir() else []
    )


def _path(folder: Path, epoch: int) -> Path:
    return folder / f"{epoch:010d}"


def _encode(standing: Standing) -> bytes:
    return orjson.dumps({"metrics": standing.metrics.plain(), "gauges": standing.gauges.plain()})
