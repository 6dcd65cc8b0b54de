"""dbt's project and profile, read once a process instead of at every invocation.

dbt offers no way to hand them in. The names that are put in place are private to dbt-core:
tests/orchestra/test_slices.py notices when they move.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dbt.cli import requires

_READ = ("load_profile", "load_project", "set_up_plugin_manager")


class Configuration:
    """What dbt read of one project, under one environment."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Let dbt read its project, profile and plugins only if it did not before."""
        before = {name: getattr(requires, name) for name in _READ}
        try:
            for name, read in before.items():
                setattr(requires, name, self._once(name, read))
            yield
        finally:
            for name, read in before.items():
                setattr(requires, name, read)

    def _once(self, name: str, read: Callable[..., Any]) -> Callable[..., Any]:
        def reader(*args: Any, **options: Any) -> Any:
            if name not in self._known:
                self._known[name] = read(*args, **options)
            return self._known[name]

        return reader
