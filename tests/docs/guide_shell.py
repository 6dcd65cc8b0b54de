"""Runs the commands of a guide's console blocks in order, in one folder, as a reader would."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_APPLY = re.compile(r"plan apply (\S+) --digest (\w+)")
_VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?( UTC)?"), "<time>"),
    (re.compile(r"(recover|backfill|restate)-\d{8}-\d{6}-\w+"), "<plan>"),
    (re.compile(r"digest \w{12}"), "digest <digest>"),
    (re.compile(r"…[0-9a-f]{12}"), "…<file>"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<run>"),
    (re.compile(r"(about )?\d+(\.\d+)? (s|min)( \(9 in 10 within \d+ (s|min)\))?"), "<seconds>"),
    (re.compile(r"\b[0-9a-f]{11}…[0-9a-f]{11}\b"), "<code>"),
)


@dataclass(frozen=True)
class Typed:
    """A command as the guide shows it, and what stands below it."""

    command: str
    output: str


def typed(guide: str) -> list[Typed]:
    """Return the commands of a guide, those that go over several lines as one."""
    found: list[Typed] = []
    for block in _BLOCK.findall(guide):
        parts = re.split(r"^\$ ", block.replace("\\\n>", "\\\n"), flags=re.MULTILINE)[1:]
        for part in parts:
            lines = part.splitlines()
            last = next(i for i, line in enumerate(lines) if not line.endswith("\\"))
            command = "\n".join(lines[: last + 1])
            found.append(Typed(command, "\n".join(lines[last + 1 :]).strip("\n")))
    return found


def stable(output: str) -> list[str]:
    """Return the lines of an output without what is another each time."""
    for pattern, name in _VOLATILE:
        output = pattern.sub(name, output)
    return [line.rstrip() for line in output.splitlines() if line.strip()]


def ran(commands: list[Typed], folder: Path) -> Iterator[tuple[Typed, str]]:
    """Run commands one after the other; yield each with its output.

    A plan that is applied is the last one that was offered, whatever its id in the guide.
    """
    (folder / "bin").mkdir()
    shim = folder / "bin" / "weir"
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m weir "$@"\n')
    shim.chmod(0o755)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("WEIR_", "DAGSTER_"))}
    environment |= {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "COLUMNS": "80"}
    environment["PYTHONPATH"] = f"{ROOT / 'platform'}:{ROOT}"
    here, offered = folder, ""
    for one in commands:
        words = one.command
        if words.startswith("cd "):
            here = here / words[3:]
            continue
        if offered and "plan apply" in words:
            words = offered
        done = subprocess.run(
            ["bash", "-c", f"exec 2>&1; {words}"],
            cwd=here, env=environment, text=True, stdout=subprocess.PIPE, check=False,
        )  # fmt: skip
        offer = _APPLY.search(done.stdout)
        if offer:
            offered = f"weir plan apply {offer[1]} --digest {offer[2]}"
        yield one, done.stdout
