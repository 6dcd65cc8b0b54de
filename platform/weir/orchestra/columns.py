"""The columns of a project's models: compiled, followed and kept beside the manifest.

The sidecar `WEIR_HOME/dbt/target/columns.json` is read while its manifest is the present one. When that
changes, only models whose code or meta changed are compiled again, and only those followed again whose
SQL or inputs did.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import orjson
from filelock import FileLock

from weir.core.settings import Settings
from weir.engines.embedded.texts import TextFiles
from weir.lineage.columns.assemble import Assembled, Followed, Source, assemble
from weir.lineage.columns.code_store import CodeStore
from weir.lineage.columns.flows import Lineage, Ref
from weir.lineage.columns.graph import ColumnGraph
from weir.lineage.columns.model_code import ModelCode
from weir.lineage.columns.past import own_part
from weir.lineage.edges import SERVICE
from weir.lineage.nodes import STAGES, code_of
from weir.orchestra.manifest import Parsed
from weir.orchestra.outline import Outliner, Outlines

_FORM = 1  # of the sidecar
_STORED = ("materialized", "partition_column", "partition_type", "partitioned_by", "clock")
VIEW = "view"
_PACKAGE = "weir"


@dataclass(frozen=True)
class _Compiled:
    """What one model was compiled to, and what that stands on."""

    key: str
    sql: str
    views: Mapping[str, str]
    failed: str


class Columns:
    """The columns of a project.

    Args:
        settings: the project's settings.
        parsed: the parsed dbt project.
        codes: asset → version of its code, as the ledger knows it.
    """

    def __init__(self, settings: Settings, parsed: Parsed, codes: Mapping[str, str]) -> None:
        self.settings, self.parsed, self._versions = settings, parsed, codes

    @property
    def path(self) -> Path:
        """The sidecar's file."""
        return self.settings.home / "dbt" / "target" / "columns.json"

    @cached_property
    def assembled(self) -> Assembled:
        """All models, followed: from the sidecar, or now."""
        with FileLock(self.path.with_suffix(".lock")):
            kept = self._kept()
            if kept.get("manifest") == self.parsed.path.name:
                compiled = _compiled_of(kept)
                return self._assemble(compiled, _followed_of(kept))
            compiled = self._compile(_compiled_of(kept))
            found = self._assemble(compiled, _followed_of(kept))
            self._keep(compiled, found)
            return found

    @cached_property
    def graph(self) -> ColumnGraph:
        """Who feeds whom."""
        return ColumnGraph(self.assembled.lineages(), dict(_services(self.parsed.json)))

    @cached_property
    def store(self) -> CodeStore:
        """The code that partitions were built with."""
        return code_store(self.settings)

    def codes(self) -> Mapping[str, ModelCode]:
        """Return the present code of every model and view, by asset."""
        return self.assembled.codes

    def metadata(self, asset: str) -> dict[str, Any]:
        """Return what Dagster shows of a model's columns: their types and where their values come from.

        What decides the rows concerns every column: it stands apart, as text.
        """
        one = self.assembled.followed.get(asset)
        if one is None:
            return {}
        lineage = one.lineage
        found: dict[str, Any] = {
            "dagster/column_schema": self._schema(asset),
            "dagster/column_lineage": dg.TableColumnLineage(
                {column: _deps(refs) for column, refs in lineage.columns.items() if refs}
            ),
            "weir/rows_decided_by": sorted({ref.text for ref, _ in lineage.rows}),
        }
        if lineage.unresolved:
            told = [f"{one.column or 'all columns'}: {one.reason}" for one in lineage.unresolved]
            found["weir/columns_not_resolved"] = told
        return found

    def _schema(self, asset: str) -> dg.TableSchema:
        """Return every column that the SQL makes, with its declared type and description."""
        name = asset.partition("/")[2]
        node = self.parsed.json["nodes"].get(f"model.{_PACKAGE}.{name}", {"columns": {}})
        told = {c["name"].lower(): c.get("description") or None for c in node["columns"].values()}
        types = self.assembled.codes[asset].columns
        return dg.TableSchema(
            [dg.TableColumn(name, kind or "", told.get(name)) for name, kind in types.items()]
        )

    def remember(self, assets: Iterable[str]) -> None:
        """Keep the present code of models that a run is about to build.

        It is kept by the version that the ledger knows, and by the model's own part of it, which the
        versions of those that read the model name too.
        """
        for asset in assets:
            if (code := self.assembled.codes.get(asset)) is not None:
                self.store.save(code)
                self.store.save(replace(code, code=own_part(code.code)))

    def _kept(self) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = orjson.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return {}
        return kept if kept.get("form") == _FORM else {}

    def _compile(self, known: Mapping[str, _Compiled]) -> dict[str, _Compiled]:
        """Compile the models whose code or meta changed since."""
        keys = self._keys()
        done = {u: known[u] for u, key in keys.items() if u in known and known[u].key == key}
        missing = [uid for uid in keys if uid not in done]
        made = Outliner(self.settings, self.parsed).outline(missing) if missing else Outlines()
        for uid in missing:
            done[uid] = _Compiled(
                keys[uid],
                made.models.get(uid, ""),
                made.views.get(uid, {}),
                made.failed.get(uid, ""),
            )
        return done

    def _keys(self) -> dict[str, str]:
        """Return for each model a digest of all that its SQL is made of."""
        nodes, macros = self.parsed.json["nodes"], self.parsed.json["macros"]
        heads: dict[str, str] = {}

        def head(uid: str) -> str:
            """Digest what macros may read of a model: its name and meta, and its inputs' own."""
            if uid not in heads:
                node = nodes.get(uid, {})
                above = [head(u) for u in sorted(node.get("depends_on", {}).get("nodes", []))]
                meta = str(node.get("config", {}).get("meta"))
                heads[uid] = _digest(str(node.get("relation_name")), meta, *above)
            return heads[uid]

        return {
            uid: _digest(code_of(node, macros), head(uid))
            for uid, node in nodes.items()
            if node["resource_type"] == "model" and node["schema"] in STAGES
        }

    def _assemble(
        self, compiled: Mapping[str, _Compiled], known: Mapping[str, Followed]
    ) -> Assembled:
        return assemble(self._sources(compiled), known)

    def _sources(self, compiled: Mapping[str, _Compiled]) -> Iterator[Source]:
        for uid, one in compiled.items():
            node = self.parsed.json["nodes"][uid]
            asset = f"{node['schema']}/{node['name']}"
            code = self._versions.get(asset, "")
            types = {c["name"].lower(): c.get("data_type") or "" for c in node["columns"].values()}
            stored = {key: node["config"].get(key) for key in _STORED}
            meta = (node["config"].get("meta") or {}).get("weir") or {}
            yield Source(asset, code, one.sql, types, {**meta, **stored}, one.failed)
            for view, sql in one.views.items():
                yield Source(f"{node['schema']}/{view}", code, sql, meta={"kind": VIEW})

    def _keep(self, compiled: Mapping[str, _Compiled], found: Assembled) -> None:
        value = {
            "form": _FORM,
            "manifest": self.parsed.path.name,
            "compiled": {u: [c.key, c.sql, dict(c.views), c.failed] for u, c in compiled.items()},
            "followed": {
                asset: [one.sql, one.inputs, one.lineage.as_json()]
                for asset, one in found.followed.items()
            },
        }
        beside = self.path.with_suffix(".new")
        beside.write_bytes(orjson.dumps(value))
        beside.replace(self.path)


def _deps(refs: Iterable[Ref]) -> list[dg.TableColumnDep]:
    """Return the columns of assets, each once, whatever place in them is read."""
    found = sorted({(ref.asset, ref.column) for ref in refs})
    return [dg.TableColumnDep(dg.AssetKey(asset.split("/")), column) for asset, column in found]


def code_store(settings: Settings) -> CodeStore:
    """Return the store of the code that partitions were built with."""
    return CodeStore(TextFiles(settings.home / "code"))


def _compiled_of(kept: Mapping[str, Any]) -> dict[str, _Compiled]:
    return {uid: _Compiled(*one) for uid, one in kept.get("compiled", {}).items()}


def _followed_of(kept: Mapping[str, Any]) -> dict[str, Followed]:
    return {
        asset: Followed(sql, inputs, Lineage.from_json(lineage))
        for asset, (sql, inputs, lineage) in kept.get("followed", {}).items()
    }


def _services(manifest: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield what reads the lake from outside, dbt's exposures, with the assets that it reads."""
    nodes = manifest["nodes"]
    for exposure in manifest.get("exposures", {}).values():
        read = [nodes[uid] for uid in exposure["depends_on"]["nodes"] if uid in nodes]
        yield f"{SERVICE}/{exposure['name']}", [f"{n['schema']}/{n['name']}" for n in read]


def _digest(*parts: str) -> str:
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=12).hexdigest()
