"""The index between processes: reading beside a writer, two writers, kill -9 in mid-change."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from weir.core.errors import LakeError
from weir.engines.embedded.search import Document, SearchIndex

DAY = datetime(2026, 11, 20)
HOUR = timedelta(hours=1)
PLATFORM = str(Path(__file__).parents[2] / "platform")

PRELUDE = f"""
import sys
sys.path.insert(0, {PLATFORM!r})
from datetime import datetime, timedelta
from pathlib import Path
from weir.engines.embedded.search import Document, SearchIndex
DAY, HOUR = datetime(2026, 11, 20), timedelta(hours=1)
def documents(generation, rows):
    for n in range(rows):
        yield Document(DAY, f"g{{generation}}-{{n}}", "normal/1/0", "view_item_shop", DAY, DAY, str(n),
            None, "ios", "1", '{{"title": "some words here"}}', 1.0, "view_item_shop", f"v{{generation}}", n)
index = SearchIndex(Path(sys.argv[1]))
"""


def start(code: str, folder: Path) -> subprocess.Popen[str]:
    script = PRELUDE + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True
    )


def document(n: int, version: str) -> Document:
    return Document(
        DAY, f"{version}-{n}", "normal/1/0", "view_item_shop", DAY, DAY, str(n), None, "ios", "1",
        "{}", 1.0, "view_item_shop", version, n,
    )  # fmt: skip


def test_a_second_process_searches_while_a_writer_commits(tmp_path: Path) -> None:
    index = SearchIndex(tmp_path)
    index.replace_hours(DAY, DAY + HOUR, [document(n, "v0") for n in range(200)])
    reader = start(
        """
        import time
        print("ready", flush=True)
        until, seen, answers = time.monotonic() + 4, set(), 0
        while time.monotonic() < until:
            found = index.search("*", 300)
            versions = {h.document.policy_version for h in found.hits}
            assert found.matched_documents == 200 and len(versions) == 1, (found.matched_documents, versions)
            assert len(found.hits) == 200
            answers += 1
            seen |= versions
        print(answers, len(seen))
        """,
        tmp_path,
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "ready\n"
    commits = 0
    while reader.poll() is None:
        commits += 1
        index.replace_hours(DAY, DAY + HOUR, [document(n, f"v{commits}") for n in range(200)])
    answers, seen = map(int, reader.stdout.read().split())
    reader.stdout.close()
    assert reader.returncode == 0
    assert answers > 20
    assert seen > 5
    assert commits > 5


def test_kill_9_at_any_moment_leaves_the_old_or_the_new_state(tmp_path: Path) -> None:
    index = SearchIndex(tmp_path)
    writer = start(
        """
        list(index.replace_hours(DAY, DAY + HOUR, documents(0, 1500)))
        for generation in range(1, 10_000):
            print(generation, flush=True)
            index.replace_hours(DAY, DAY + HOUR, documents(generation, 1500))
        """,
        tmp_path,
    )
    for attempt in range(8):
        assert writer.stdout is not None
        generation = int(writer.stdout.readline())
        time.sleep(0.012 * attempt)  # from the first delete through adds and commit
        writer.send_signal(signal.SIGKILL)
        started = [generation, *map(int, writer.stdout.read().split())]
        writer.wait()
        writer.stdout.close()
        found = index.search("*", 2000)
        versions = {h.document.policy_version for h in found.hits}
        assert found.matched_documents == 1500
        assert len(versions) == 1
        assert versions <= {f"v{g}" for g in (generation - 1, *started)}
        (stats,) = index.stats(DAY, DAY + HOUR)
        assert (stats.rows, stats.hash) == index.content_hash(DAY)
        writer = start(
            f"""
            for generation in range({started[-1] + 1}, 10_000):
                index.replace_hours(DAY, DAY + HOUR, documents({started[-1]}, 1500))
                print(generation, flush=True)
                index.replace_hours(DAY, DAY + HOUR, documents(generation, 1500))
            """,
            tmp_path,
        )
    writer.kill()
    writer.communicate()
    index.replace_hours(DAY, DAY + HOUR, [document(1, "last")])
    left = {
        f.suffix
        for f in (tmp_path / "events" / "2026-11-20").iterdir()
        if f.stat().st_size > 200_000
    }
    assert index.content_hash(DAY)[0] == 1
    assert not left, "files of torn attempts are removed by the next writer"


def test_a_second_writer_waits_for_the_first(tmp_path: Path) -> None:
    code = """
    for _ in range(6):
        index.replace_hours(DAY + {n} * HOUR, DAY + {n} * HOUR + HOUR, [])
        from dataclasses import replace
        docs = [replace(d, landing_hour=DAY + {n} * HOUR) for d in documents({n}, 100)]
        index.replace_hours(DAY + {n} * HOUR, DAY + {n} * HOUR + HOUR, docs)
    """
    writers = [start(code.format(n=n), tmp_path) for n in range(3)]
    assert [w.wait() for w in writers] == [0, 0, 0]
    for writer in writers:
        writer.communicate()
    index = SearchIndex(tmp_path)
    assert [index.content_hash(DAY + n * HOUR)[0] for n in range(4)] == [100, 100, 100, 0]


def test_a_writer_that_waits_too_long_says_who_and_what(tmp_path: Path) -> None:
    index = SearchIndex(tmp_path, lock_seconds=0.05)
    index.replace_hours(DAY, DAY + HOUR, [document(1, "v1")])
    with FileLock(tmp_path / "events" / "2026-11-20" / ".weir-writer.lock"):
        with pytest.raises(LakeError, match="Another writer") as error:
            index.replace_hours(DAY, DAY + HOUR, [])
        assert error.value.remedy
        assert index.search("*").matched_documents == 1  # reading needs no lock
