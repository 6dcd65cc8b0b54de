"""The code that partitions were built with, kept once and found by version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from weir.core.errors import LakeError
from weir.engines.embedded.texts import TextFiles
from weir.lineage.columns.code_store import CodeStore
from weir.lineage.columns.model_code import ModelCode

CODE = ModelCode(
    "fact/f", "v1", "select u from log.a", {"u": "varchar"}, {"log/a": ["u"]}, {"key": "u", "dims": []}
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> CodeStore:
    return CodeStore(TextFiles(tmp_path / "code"))


def test_what_was_saved_is_loaded(store: CodeStore, tmp_path: Path) -> None:
    assert store.load("fact/f", "v1") is None
    assert store.save(CODE)
    assert CodeStore(TextFiles(tmp_path / "code")).load("fact/f", "v1") == CODE


def test_equal_code_is_kept_once(store: CodeStore, tmp_path: Path) -> None:
    assert store.save(CODE)
    assert not store.save(CODE)
    assert store.save(replace(CODE, code="v2"))
    assert len(list((tmp_path / "code").rglob("*.zst"))) == 3  # one text, two versions
    assert store.load("fact/f", "v2") == replace(CODE, code="v2")


def test_versions_belong_to_an_asset(store: CodeStore) -> None:
    other = replace(CODE, asset="fact/g", sql="select 1 as u")
    store.save(CODE)
    store.save(other)
    assert store.load("fact/f", "v1") == CODE
    assert store.load("fact/g", "v1") == other
    assert store.load("fact/f", "v3") is None


def test_a_version_whose_sql_became_another_leads_to_the_newest(store: CodeStore) -> None:
    store.save(CODE)
    assert store.save(replace(CODE, sql="select u from log.b"))
    found = store.load("fact/f", "v1")
    assert found is not None
    assert found.sql == "select u from log.b"


def test_versions_may_be_long(store: CodeStore) -> None:
    long = replace(CODE, code="-".join(["0123456789abcdef"] * 40))
    store.save(long)
    assert store.load("fact/f", long.code) == long


def test_a_damaged_file_is_told(store: CodeStore, tmp_path: Path) -> None:
    store.save(CODE)
    for path in (tmp_path / "code").rglob("*.zst"):
        path.write_bytes(b"no")
    with pytest.raises(LakeError, match="damaged"):
        store.load("fact/f", "v1")


def test_the_version_is_no_part_of_the_digest() -> None:
    assert replace(CODE, code="v2").digest == CODE.digest
    assert replace(CODE, meta={"key": "d"}).digest != CODE.digest
