"""Made-up activity of users, one Parquet file a day, for the benchmarks of the activation layer.

Users come for the first time in the first ten days (35 %) or on any day after; each has a chance of its
own to come again (log-normal around 1 %), a larger one on the day after a visit, and after a while
(exponential, 90 days on average) a fifth of both. 2,000,000 users make about 9.0 million active days in
180. Keys are scattered over 63 bits, as hashes of users are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

LAST = date(2025, 6, 30)
"""The last day: as the last of a month it has most to read of its facts, and a checkpoint follows."""
NAME, KEY, KEY_TYPE = "users_did_it", "user_id", "bigint"
_CHUNK = 500_000  # users at a time
_SCATTER = np.uint64(0x9E3779B97F4A7C15)  # odd: one key each
Keys = np.ndarray[tuple[int], np.dtype[np.int64]]


def days_of(count: int) -> list[date]:
    """Return the days of this many, up to the last one."""
    return [LAST - timedelta(days=back) for back in reversed(range(count))]


def pattern(folder: Path) -> Path:
    """Return the files of all days; DuckDB reads those of the days that it is asked for."""
    return folder / "activity_date=*" / "facts.parquet"


def keys_of(numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Keys:
    """Return the keys of users by their numbers."""
    return (numbers.astype(np.uint64) * _SCATTER >> np.uint64(1)).astype(np.int64)


def write_activity(folder: Path, users: int, days: int, seed: int = 20250102) -> int:
    """Write the facts of all days; return the number of rows.

    Args:
        folder: where to; a folder for each day.
        users: users that ever come, at most.
        days: number of days.
        seed: of the generator: the same arguments give the same rows.
    """
    generator = np.random.default_rng(seed)
    found: list[list[Keys]] = [[] for _ in range(days)]
    for start in range(0, users, _CHUNK):
        numbers = np.arange(start, min(start + _CHUNK, users), dtype=np.int64)
        for number, active in enumerate(_visits(generator, len(numbers), days)):
            found[number].append(keys_of(numbers[active]))
    for day, parts in zip(days_of(days), found, strict=True):
        write_day(folder, day, np.concatenate(parts))
    return sum(len(part) for parts in found for part in parts)


def _visits(
    generator: np.random.Generator, users: int, days: int
) -> Iterator[np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Yield for each day who of these users is active."""
    early = generator.random(users) < 0.35
    first = np.where(early, generator.integers(0, 10, users), generator.integers(0, days, users))
    again = np.clip(generator.lognormal(np.log(0.0105), 1.2, users), 0.0005, 0.5)
    next_day = np.clip(again * 6 + 0.2, 0, 0.93)
    keen = generator.exponential(90, users)
    active = np.zeros(users, dtype=np.bool_)
    for day in range(days):
        age = day - first
        chance = np.where(active, next_day, again) * np.where(age > keen, 0.2, 1.0)
        active = ((generator.random(users) < chance) & (age > 0)) | (age == 0)
        yield active


def write_day(folder: Path, day: date, keys: Keys) -> None:
    """Write the facts of one day, in place of those that were there."""
    file = folder / f"activity_date={day}" / "facts.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    counts = 1 + (keys ^ day.toordinal()) % 4
    pq.write_table(pa.table({KEY: keys, "event_count": counts}), file)


def read_day(folder: Path, day: date) -> Keys:
    """Return the keys that were active on a day."""
    table = pq.ParquetFile(folder / f"activity_date={day}" / "facts.parquet").read([KEY])
    keys: Keys = table[KEY].to_numpy()
    return keys


def add_late(folder: Path, day: date, rows: int, users: int, seed: int = 7) -> None:
    """Add facts to a day that was written, of users that had none on it."""
    before = read_day(folder, day)
    everyone = keys_of(np.arange(users, dtype=np.int64))
    away = everyone[~np.isin(everyone, before)]
    late = np.random.default_rng(seed).choice(away, rows, replace=False)
    write_day(folder, day, np.concatenate([before, late]))
