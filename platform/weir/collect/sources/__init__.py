"""Files of events (NDJSON, CSV, Parquet) read as wire events, line by line, in bounded memory.

A mapping says which column is which field. What is done with the events, posting them or loading
them as history, is the business of `weir.collect.replay` and of the import.
"""

from weir.collect.sources.files import MAX_LINE
from weir.collect.sources.mapping import Field, Mapping, TimeField, load_mapping
from weir.collect.sources.source import Failures, LineError, Source, SourceEvent, open_source

__all__ = [
    "MAX_LINE",
    "Failures",
    "Field",
    "LineError",
    "Mapping",
    "Source",
    "SourceEvent",
    "TimeField",
    "load_mapping",
    "open_source",
]
