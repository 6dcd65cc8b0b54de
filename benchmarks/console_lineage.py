"""Whether 1,000 assets are walked in the console without stutter: frames while they are panned, in Chromium.

    python benchmarks/console_lineage.py --out benchmarks/results/console_lineage.json

The built pages (`make console`) are served as `weir up` does; the answer of `/api/v1/lineage` is made up:
logs, facts that read some of them, layers of each. Measured are the seconds until the first asset is
drawn, and the milliseconds between frames while a mouse drags the picture: near, as one reads it, and
far, with every asset in sight. Headless Chromium draws in software; 16.7 ms is a display's own pace.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn
from event_log import machine
from playwright.sync_api import Page, sync_playwright

from weir.console.access import People, Role
from weir.console.app import create_app
from weir.console.context import Console
from weir.core.settings import load
from weir.engines.embedded.lake import Lake

ROOT = Path(__file__).resolve().parents[1]
LAYERS = 4  # of each fact
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FRAMES = """
() => new Promise((done) => {
    const gaps = []; let before = performance.now(); const end = before + %d
    const frame = (now) => {
        gaps.push(now - before); before = now
        if (now < end) requestAnimationFrame(frame)
        else done(gaps.slice(1))
    }
    requestAnimationFrame(frame)
})
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=4.0, help="of panning")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = {"machine": machine(), "assets": given.assets} | measure(
            Path(folder), given.assets, given.seconds
        )
    text = json.dumps(result, indent=1)
    print(text)
    if given.out:
        given.out.write_text(f"{text}\n")


def lineage(count: int) -> dict[str, Any]:
    """Return a made-up graph of so many assets, all of them around one accepted table."""
    facts = count // (LAYERS + 2)
    logs = count - 1 - facts * (LAYERS + 1)
    edges = [("accepted/normal", f"event_log/event_{n}") for n in range(logs)]
    names = ["accepted/normal", *(f"event_log/event_{n}" for n in range(logs))]
    for n in range(facts):
        names += [f"fact/fact_{n}", *(f"activation/fact_{n}_layer_{k}" for k in range(LAYERS))]
        edges += [(f"event_log/event_{(n * 3 + k) % logs}", f"fact/fact_{n}") for k in range(3)]
        edges += [(f"fact/fact_{n}", f"activation/fact_{n}_layer_{k}") for k in range(LAYERS)]
    rest = {"kind": "fact", "grain": "day", "state": "current", "wrong": 0, "columns": 8}
    return {
        "assets": [{"asset": name, "stage": name.split("/")[0], **rest} for name in names],
        "edges": [{"source": source, "target": target} for source, target in edges],
    }


def measure(folder: Path, count: int, seconds: float) -> dict[str, Any]:
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    settings = load(ROOT, folder, "").model_copy(update={"console_port": port})
    Lake(settings).create()
    config = uvicorn.Config(create_app(Console.of(settings)), log_config=None)
    server = uvicorn.Server(config)
    threading.Thread(target=lambda: asyncio.run(server.serve([taken])), daemon=True).start()
    people = People(folder)
    people.add("ann", Role.VIEWER)
    token = people.make_token("ann", once=True)[1]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        page = browser.new_page(
            base_url=f"http://127.0.0.1:{port}", viewport={"width": 1280, "height": 900}
        )
        graph = json.dumps(lineage(count))
        page.route(
            "**/api/v1/lineage",
            lambda route: route.fulfill(body=graph, content_type="application/json"),
        )
        none = '{"asset":"accepted/normal","columns":[],"column":"","steps":[],"cut":false,"unresolved":[]}'
        page.route(
            "**/api/v1/lineage/**",
            lambda route: route.fulfill(body=none, content_type="application/json"),
        )
        page.goto(f"/sign-in#token={token}")
        page.wait_for_selector("nav")
        found = walked(page, seconds)
        browser.close()
    server.should_exit = True
    return found


def walked(page: Page, seconds: float) -> dict[str, Any]:
    started = time.perf_counter()
    page.goto("/lineage?asset=accepted/normal&up=50&down=50")
    page.wait_for_selector(".react-flow__node")
    drawn = time.perf_counter() - started
    page.wait_for_timeout(2_000)
    near = panned(page, seconds)
    page.get_by_role("button", name="Show all of it").click()
    page.wait_for_timeout(2_000)
    return {"drawn_seconds": round(drawn, 2), "near": near, "all": panned(page, seconds)}


def panned(page: Page, seconds: float) -> dict[str, Any]:
    """Drag the picture to and fro; return how long frames took."""
    box = page.locator(".react-flow").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] - 40
    drawn = page.locator(".react-flow__node").count()
    page.evaluate(f"window.frames_ = ({FRAMES % round(seconds * 1000)})()")
    until = time.monotonic() + seconds
    page.mouse.move(x, y)
    page.mouse.down()
    step = 0
    while time.monotonic() < until:
        step += 1
        page.mouse.move(x + 250 * ((step % 40) - 20) / 20, y - 6 * (step % 40))
    page.mouse.up()
    gaps: list[float] = page.evaluate("window.frames_")
    ordered = sorted(gaps)
    return {
        "drawn": drawn,
        "frames": len(gaps),
        "p50_ms": round(statistics.median(gaps), 1),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)], 1),
        "max_ms": round(ordered[-1], 1),
        "over_50_ms": sum(gap > 50 for gap in gaps),
    }


if __name__ == "__main__":
    main()
