"""What the search index says of its landing partitions, for the partition checker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from weir.engines.embedded.search.index import SearchIndex


class SearchWitness:
    """One home's index.

    Args:
        folder: folder of all indexes (`Settings.search_dir`).
    """

    def __init__(self, folder: Path) -> None:
        self.index = SearchIndex(folder)

    def rows(self) -> Mapping[datetime, int]:
        """Return the documents of every landing partition, as they were committed."""
        days = self.index.days
        if not days:
            return {}
        midnight = datetime.min.time()
        first, last = (datetime.combine(day, midnight) for day in (days[0], days[-1]))
        stats = self.index.stats(first, last + timedelta(days=1))
        return {hour.landing_hour: hour.rows for hour in stats}

    def content(self, label: datetime) -> tuple[int, str]:
        """Return documents and content hash of a landing partition, read again."""
        return self.index.content_hash(label)
