"""The registry: which events exist, what their parameters are, and what follows from that.

`load` reads and lints the event files, `compile_event` validates parameters, `columns` types them,
`generate` writes the event-log models. What happens to an invalid event is the collector's business.
"""

from weir.registry.columns import Column, columns
from weir.registry.compiled import CompiledEvent, compile_event
from weir.registry.generate import generate, outdated, write
from weir.registry.load import load
from weir.registry.model import Event, Registry
from weir.registry.remedies import Violation

__all__ = [
    "Column",
    "CompiledEvent",
    "Event",
    "Registry",
    "Violation",
    "columns",
    "compile_event",
    "generate",
    "load",
    "outdated",
    "write",
]
