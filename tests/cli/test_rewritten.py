"""What runs rewrote, in words."""

from __future__ import annotations

from rich.console import Console

from weir.cli.rewritten import sentence, table
from weir.lineage.rewritten import Rewritten

SAME = Rewritten("fact/users_did_it", same=3, rows_before=7, rows_after=7)
OTHER = Rewritten(
    "activation/users_did_it_activation_daily", changed=2, same=1, first="2026-01-05",
    last="2026-01-06", rows_before=1_000, rows_after=1_002,
)  # fmt: skip


def test_each_table_has_one_line_of_eighty_columns() -> None:
    console = Console(width=80, force_terminal=False)
    with console.capture() as shown:
        console.print(table([SAME, OTHER]))
    lines = [" ".join(line.split()) for line in shown.get().splitlines()]
    assert lines == [
        "table new changed as before rows",
        "users_did_it 0 0 3 7",
        "users_did_it_activation_daily 0 2 1 1,000 → 1,002",
    ]


def test_the_sum_says_from_when_on_something_differs() -> None:
    assert sentence([]) == ""
    assert sentence([SAME]) == "Facts and layers: 0 partitions new, 0 changed, 3 as before."
    assert sentence([SAME, OTHER]) == (
        "Facts and layers: 0 partitions new, 2 changed, 4 as before."
        " The first that differs: 2026-01-05."
    )
