"""Types for senders: the parameters of registered events in the sender's own language.

The types come from the events' JSON Schemas through quicktype-core, which runs in Node from one
bundled file (`make types-bundle`); nothing is downloaded when types are made. Names, the envelope
and the constructors are written here. How events are sent is the clients' business (`clients/`).
"""

from weir.registry.types.files import generated, outdated, write
from weir.registry.types.languages import LANGUAGES
from weir.registry.types.lock import FILE, Lock, Resolved, read_lock, resolve

__all__ = [
    "FILE",
    "LANGUAGES",
    "Lock",
    "Resolved",
    "generated",
    "outdated",
    "read_lock",
    "resolve",
    "write",
]
