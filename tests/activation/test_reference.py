"""The reference model against cases that a reader can check by hand."""

from __future__ import annotations

from weir.activation.reference import State, active_rows, checkpoint, state_at, summary


def test_a_return_counts_the_inactive_periods_between() -> None:
    row = active_rows([10, 14])[1]
    assert (row.state, row.previous_state) == (State.REACTIVATED, State.INACTIVE)
    assert (row.interval, row.churned, row.previous, row.streak) == (4, 3, 10, 1)


def test_the_first_period_has_no_past() -> None:
    (row,) = active_rows([7, 7])
    assert (row.state, row.previous_state) == (State.NEW, None)
    assert (row.interval, row.churned, row.previous) == (None, None, None)


def test_previous_states_of_a_streak() -> None:
    rows = active_rows([1, 2, 3, 6, 7, 8])
    assert [r.previous_state for r in rows] == [
        None,
        State.NEW,
        State.RETAINED,
        State.INACTIVE,
        State.REACTIVATED,
        State.RETAINED,
    ]
    assert [r.streak for r in rows] == [1, 2, 3, 1, 2, 3]


def test_inactive_is_a_state_of_every_later_period() -> None:
    assert [state_at({2}, p) for p in (1, 2, 3, 99)] == [
        None,
        State.NEW,
        State.INACTIVE,
        State.INACTIVE,
    ]


def test_summary_counts_each_key_once_a_period() -> None:
    totals = summary({"a": [1, 2], "b": [2, 4], "c": []}, 1, 5)
    assert {move: total.users for move, total in totals.items()} == {
        (1, None, State.NEW): 1,
        (2, State.NEW, State.RETAINED): 1,
        (2, None, State.NEW): 1,
        (3, State.RETAINED, State.INACTIVE): 1,
        (3, State.NEW, State.INACTIVE): 1,
        (4, State.INACTIVE, State.INACTIVE): 1,
        (4, State.INACTIVE, State.REACTIVATED): 1,
    }
    assert totals[4, State.INACTIVE, State.REACTIVATED].sum_interval == 2
    assert totals[2, State.NEW, State.RETAINED].sum_streak == 2


def test_a_checkpoint_knows_only_what_was_before_it() -> None:
    assert checkpoint([5], until=5) is None
    assert checkpoint([5, 6, 9], until=7) == checkpoint([5, 6], until=100)
