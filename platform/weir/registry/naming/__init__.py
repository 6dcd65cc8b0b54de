"""Names: the Action-Object-Service grammar over a dictionary, near-duplicates, parameters' names.

The form of a name alone (three lower-case tokens, snake_case) is `weir.core.names`.
"""

from weir.registry.naming.suggest import Naming, Suggestion, suggest

__all__ = ["Naming", "Suggestion", "suggest"]
