"""Published schemas by family and version, straight from their archives."""

from __future__ import annotations

import json
import re
import tarfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from weir.registry.exchange.files import parse

Version = tuple[int, ...]


class Step(NamedTuple):
    """Two consecutive versions of one family."""

    family: str
    before: Version
    after: Version
    old: Any
    new: Any

    @property
    def name(self) -> str:
        return f"{self.family} {'.'.join(map(str, self.after))}"


def steps(archive: Path, pattern: str, read: Callable[[bytes], Any]) -> list[Step]:
    families: dict[str, dict[Version, Any]] = defaultdict(dict)
    with tarfile.open(archive) as tar:
        for member in tar:
            found = re.search(pattern, member.name)
            if member.isfile() and found:
                family, *numbers = found.groups()
                families[family][tuple(map(int, numbers))] = read(tar.extractfile(member).read())
    return [
        Step(family, before, after, versions[before], versions[after])
        for family, versions in sorted(families.items())
        for before, after in zip(sorted(versions), sorted(versions)[1:], strict=False)
    ]


@pytest.fixture(scope="session")
def wikimedia_steps(shared: Path) -> list[Step]:
    archive = shared / "data" / "schemas" / "wikimedia_schemas_event_secondary.tar.gz"
    pattern = r"jsonschema/(.*)/(\d+)\.(\d+)\.(\d+)\.yaml$"
    return steps(archive, pattern, lambda text: parse(text.decode(), as_yaml=True))


@pytest.fixture(scope="session")
def iglu_steps(shared: Path) -> list[Step]:
    archive = shared / "data" / "schemas" / "iglu_schemas.tar.gz"
    return steps(archive, r"(?:^|/)schemas/(.*)/jsonschema/(\d+)-(\d+)-(\d+)$", json.loads)
