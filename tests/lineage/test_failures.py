"""The table of failures: errors as the engines and Dagster word them."""

import re

import pytest

from weir.lineage.failures import BY_NAME, SORTS, UNKNOWN, classify

WORDED = [
    ("lock", "duckdb.duckdb.IOException: IO Error: Could not set lock on file \"x.duckdb\""),
    ("lock", "sqlite3.OperationalError: database is locked"),
    ("lock", "fact/a: Failed to commit: database is locked"),
    ("lock", "psycopg2.errors: could not serialize access due to concurrent update"),
    ("io", "OSError: [Errno 5] Input/output error: 'f.parquet'"),
    ("io", "sqlite3.OperationalError: disk I/O error"),
    ("disk_full", "OSError: [Errno 28] No space left on device"),
    ("unavailable", "weir.core.errors.ServiceUnavailable: The collector does not answer."),
    ("unavailable", "requests.exceptions.ConnectionError: Connection refused"),
    ("unavailable", "google.api_core.exceptions: 503 Backend unavailable"),
    ("killed", "The process that ran it ended before it did."),
    ("killed", "Multiprocess: ChildProcessCrashException with exit code -9"),
    ("killed", ""),
    ("input", "`fact/a` 2026-01-01 cannot be built: `event_log/b` is missing, stale or failed"),
    ("input", "Failure: `fact/a` 2026-01-01: absent (2 files). Build it again."),
    ("check", "dagster.Failure: check part_unique failed on fact/a (2026-01-03: 2)"),
    ("contract", "Compilation Error: This model has an enforced contract that failed."),
    ("missing_column", 'fact/a: Binder Error: Referenced column "price" not found in FROM clause'),
    ("missing_column", 'Binder Error: Table "x" does not have a column named "price"'),
    ("sql", "fact/a: Parser Error: syntax error at or near \"form\""),
    ("sql", "Catalog Error: Table with name x does not exist!"),
    ("data", "Conversion Error: Could not convert string 'x' to INT32"),
    ("memory", "Out of Memory Error: failed to allocate data of size 1.0 GiB"),
    ("no_file", "IO Error: No files found that match the pattern \"x.parquet\""),
    ("refused", "PermissionError: [Errno 13] Permission denied: 'x'"),
    ("cancelled", "dagster._core.errors.DagsterExecutionInterruptedError"),
    ("unknown", "ValueError: too clever"),
]  # fmt: skip
TRANSIENT = {"lock", "io", "disk_full", "unavailable", "killed", "input", "cancelled"}


@pytest.mark.parametrize(("name", "error"), WORDED)
def test_an_error_is_of_one_sort(name: str, error: str) -> None:
    assert classify(error).name == name


def test_every_sort_has_an_example_and_only_the_listed_ones_are_tried_again() -> None:
    assert {name for name, _ in WORDED} == set(BY_NAME)
    assert {sort.name for sort in SORTS if sort.transient} == TRANSIENT
    assert not UNKNOWN.transient


def test_who_cancels_a_run_needs_no_words() -> None:
    assert classify("check a failed on b", status="CANCELED").name == "cancelled"


def test_a_check_that_tells_of_a_locked_thing_is_still_a_check() -> None:
    assert classify("check lock failed on fact/a (2026-01-01: database is locked)").name == "check"


@pytest.mark.parametrize("sort", [*SORTS, UNKNOWN], ids=lambda sort: sort.name)
def test_a_sort_says_what_happened_and_what_to_do(sort: object) -> None:
    assert re.fullmatch(r"[A-Z].*\.", sort.meaning)  # type: ignore[attr-defined]
    assert re.fullmatch(r"[A-Z].*[.]", sort.remedy)  # type: ignore[attr-defined]
