"""The sampled search index on tantivy: one index per landing day, one atomic commit per change.

`documents` is the shape of a document and its schema, `index` writes and checks, `reading` answers
queries. What is sampled, and why, is decided in `weir.routing`.
"""

from weir.engines.embedded.search.documents import FIELDS, Document, HourStats, Offer, Stratum
from weir.engines.embedded.search.exploring import Bar, Surroundings, Value
from weir.engines.embedded.search.index import SearchIndex, writing_locked
from weir.engines.embedded.search.reading import Hit, Result, StratumCount

__all__ = [
    "FIELDS",
    "Bar",
    "Document",
    "Hit",
    "HourStats",
    "Offer",
    "Result",
    "SearchIndex",
    "Stratum",
    "StratumCount",
    "Surroundings",
    "Value",
    "writing_locked",
]
