"""The open project, asked by many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from weir.console.context import Console


def test_many_look_at_the_lake_while_what_was_kept_is_forgotten(console: Console) -> None:
    def look(_: int) -> int:
        console.projects.look_again()
        return len(console.projects.picture().nodes)

    with ThreadPoolExecutor(6) as pool:
        found = set(pool.map(look, range(24)))
    assert found == {len(console.projects.current().nodes)}
