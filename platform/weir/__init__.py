"""Weir: raw user-behaviour events to typed logs, facts, activation and search.

The library. It holds what any Weir project needs; a project's own assets, models and events live
in the code location beside it (`assets/`, `dbt/`, `sensors/`, `resources/`).
"""

__version__ = "0.1.0"
