"""The package that people install: it serves the console, and Node is nowhere."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.console.conftest import ROOT
from weir.console.http.static import STATIC

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the pages as they are, and install it alone into a folder."""
    if not (STATIC / "index.html").is_file():
        told = "the pages are not built: `make console`"
        pytest.fail(told) if os.environ.get("WEIR_CI") else pytest.skip(told)
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [
        *pip,
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(build, check=True, env={**os.environ, "WEIR_SKIP_CONSOLE": "1"})
    (wheel,) = folder.glob("weir-*.whl")
    into = [
        *pip,
        "install",
        "--no-deps",
        "--no-index",
        "--target",
        str(folder / "site"),
        str(wheel),
    ]
    subprocess.run(into, check=True)
    return folder / "site"


def test_it_serves_the_pages_without_node(installed: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    alone = {
        "PATH": str(tmp_path), "PYTHONPATH": str(installed), "HOME": str(tmp_path),
        "WEIR_HOME": str(tmp_path / "home"), "WEIR_CONSOLE_PORT": str(port),
    }  # fmt: skip
    weir = [sys.executable, "-m", "weir"]
    where = [sys.executable, "-c", "import weir; print(weir.__file__)"]
    found = subprocess.run(where, env=alone, cwd=tmp_path, capture_output=True, check=True)
    assert Path(found.stdout.decode().strip()).is_relative_to(installed)
    subprocess.run([*weir, "init", "shop"], check=True, env=alone, cwd=tmp_path)
    command = [sys.executable, "-m", "weir.console", "--project", str(tmp_path / "shop")]
    process = subprocess.Popen(command, env=alone, cwd=tmp_path)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            page = _when_it_answers(client, process)
            scripts = [part.split('"')[0] for part in page.text.split('src="')[1:]]
            assert any(path.startswith("/assets/") for path in scripts)
            for path in scripts:
                answer = client.get(path)
                assert (answer.status_code, answer.headers["content-type"]) == (
                    200, "text/javascript; charset=utf-8",
                )  # fmt: skip
            assert client.get("/api/v1/session").json()["person"] is None
        assert not list(installed.rglob("node_modules"))
        assert not list(installed.rglob("*.tsx"))
    finally:
        process.terminate()
        process.wait(20)


def _when_it_answers(client: httpx.Client, process: subprocess.Popen[bytes]) -> httpx.Response:
    for _ in range(600):
        assert process.poll() is None, "it ended"
        try:
            return client.get("/").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("it does not answer")
