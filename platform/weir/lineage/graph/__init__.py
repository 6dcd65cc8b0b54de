"""Partitions and who reads whom among them, as one graph; what a fault reaches. Pure.

The graph knows nothing of stages: Weir's own edges are made in `weir.lineage.graph.of_picture`.
"""

from weir.lineage.graph.closure import Reached, closure
from weir.lineage.graph.edges import Each, Edge, Graph, Previous, Same, UpTo

__all__ = ["Each", "Edge", "Graph", "Previous", "Reached", "Same", "UpTo", "closure"]
