"""The playground: what the audit log keeps of a query that fails."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from weir.audit import Wanted, log_of
from weir.audit.reading import find
from weir.console.context import Console


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select 1 where no_such_column = 'secret-user-77'", "no_such_column"),
        ("select cast('secret-user-77' as integer)", "secret-user-77"),
    ],
)
def test_the_error_of_a_query_is_told_to_who_ran_it_and_only_its_kind_kept(
    viewer: TestClient, console: Console, sql: str, told: str
) -> None:
    csrf = viewer.get("/api/v1/session").json()["csrf"]
    answer = viewer.post("/api/v1/playground/run", json={"sql": sql}, headers={"X-Weir-CSRF": csrf})
    assert answer.status_code == 422
    assert told in answer.json()["error"]["message"]
    entry = find(log_of(console.settings), Wanted(action="console.query"))[0]
    assert (entry.result, entry.message) == ("refused", "QueryRejected")
    assert "secret-user-77" not in str(entry.as_dict())
