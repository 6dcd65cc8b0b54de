"""The dictionary of events for people: search, who reads an event, how much of it comes.

The events' definitions are `weir.registry`; what they contain is searched by `weir search`.
"""

from weir.registry.catalogue.readers import Edges, Reader, readers
from weir.registry.catalogue.search import Catalogue, Hit, Match, search
from weir.registry.catalogue.volumes import Volume, overview, volumes

__all__ = [
    "Catalogue",
    "Edges",
    "Hit",
    "Match",
    "Reader",
    "Volume",
    "overview",
    "readers",
    "search",
    "volumes",
]
