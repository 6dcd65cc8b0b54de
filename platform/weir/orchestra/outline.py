"""The SQL of all models over one fixed range, as if every input were there: without a lake, no data read.

Macros that look into the lake (which landing days hold events, which checkpoint is the newest) get one
answer for all. So the text of a model changes only when its code or its meta does.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dbt.artifacts.resources.types import NodeType
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import Macro
from dbt.task.compile import CompileTask

from weir.core.errors import RunFailed
from weir.orchestra.manifest import arguments
from weir.orchestra.warm import WarmDbt

_MONDAYS = datetime.fromisoformat("2035-01-01"), datetime.fromisoformat("2046-01-01")
_SUNDAYS = datetime.fromisoformat("2040-01-01"), datetime.fromisoformat("2051-01-01")
# Each the first day of a year and of a week, so that they bound periods of every grain.
_FEW = 20  # models that are named; of more, dbt compiles all: it selects faster
_FAILURES = 50  # models that cannot be compiled, before the others are given up
_ANSWERS = {
    "run_query": "{% macro run_query(sql) %}{% set day = modules.datetime.date(2034, 1, 1) %}"
    "{{ return({'rows': [[day]], 'columns': [{'answer': day}]}) }}{% endmacro %}",
    "load_relation": "{% macro load_relation(relation) %}{{ return(relation) }}{% endmacro %}",
}
_VIEWS = """{%- set found = {} -%}
{%- for node in graph.nodes.values() if node.resource_type == "model" -%}
    {%- set meta = node.config.get("meta", {}).get("weir", {}) -%}
    {%- set table = api.Relation.create(
        database=node.database, schema=node.schema, identifier=node.alias
    ) -%}
    {%- set views = [meta.united] if meta.get("united") else [] -%}
    {%- do found.update({node.unique_id: views + weir.activation_views(meta, table)}) -%}
{%- endfor -%}
{{ tojson(found) }}"""


@dataclass
class Outlines:
    """What dbt made of the models.

    Attributes:
        models: dbt's id → SQL.
        views: dbt's id of the table beside which it stands → view → SQL.
        failed: dbt's id → why it could not be compiled.
    """

    models: dict[str, str] = field(default_factory=dict)
    views: dict[str, dict[str, str]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


class Outliner(WarmDbt):
    """Compiles models without their data."""

    def outline(self, models: Iterable[str]) -> Outlines:
        """Return the SQL of models, by dbt's ids, and of all views. A failed one stops no other."""
        found, wanted = Outlines(), list(models)
        if not wanted:
            return found
        monday, sunday = self._by_week(wanted)
        for some, (start, end) in ((monday, _MONDAYS), (sunday, _SUNDAYS)):
            if some:
                self._compile(some, start, end, found)
        self._views(found)
        return found

    def _by_week(self, models: Iterable[str]) -> tuple[list[str], list[str]]:
        nodes = self.parsed.json["nodes"]
        sundays = {
            node["name"] for node in nodes.values() if _meta(node).get("week_start") == "sunday"
        }
        weeks: tuple[list[str], list[str]] = ([], [])
        for uid in models:
            fact = _meta(nodes[uid]).get("fact") or nodes[uid]["name"]
            weeks[fact in sundays].append(uid)
        return weeks

    def _compile(self, wanted: list[str], start: datetime, end: datetime, found: Outlines) -> None:
        """Compile models; dbt skips what reads one that fails, so go on without that one."""
        left, why = list(wanted), "dbt left it out"
        for _ in range(_FAILURES):
            done = self._dbt(_selection(left, found.failed), start, end)
            told = {r.node.unique_id: r for r in getattr(done.result, "results", None) or []}
            for uid in left:
                if (one := told.get(uid)) is not None and str(one.status) == "success":
                    found.models[uid] = str(one.node.compiled_code)
                elif one is not None and str(one.status) == "error":
                    found.failed[uid] = (
                        f"dbt cannot compile it: {' '.join(str(one.message).split())}"
                    )
            before = len(left)
            left = [uid for uid in left if uid not in found.models and uid not in found.failed]
            if not left:
                return
            if len(left) == before:
                break
        why = f"dbt cannot compile the project: {done.exception}" if done.exception else why
        found.failed.update(dict.fromkeys(left, " ".join(why.split())))

    def _views(self, found: Outlines) -> None:
        done = self._dbt(["--inline", _VIEWS], *_MONDAYS)
        results = getattr(done.result, "results", None) or []
        if done.exception is not None or not results:
            raise RunFailed(f"dbt cannot compile: {done.exception}", "Read the message above.")
        views = json.loads(results[-1].node.compiled_code)
        for uid, some in views.items():
            found.views[uid] = {view["view"]: view["select"] for view in some}

    def _dbt(self, options: list[str], start: datetime, end: datetime) -> Any:
        flags = ("--threads", "1", "--no-introspect", "--no-populate-cache")
        with self._alone({}), _past_failures():
            return dbtRunner(manifest=self._answering()).invoke(
                ["compile", *arguments(self.settings), *flags, *options],
                event_time_start=start,
                event_time_end=end,
            )

    def _answering(self) -> Manifest:
        """Return the manifest with macros that answer without a lake."""
        manifest = self.parsed.manifest()
        for name, text in _ANSWERS.items():
            uid = f"macro.weir.{name}"
            manifest.macros[uid] = Macro(
                name=name,
                resource_type=NodeType.Macro,
                package_name="weir",
                path=f"macros/{name}.sql",
                original_file_path=f"macros/{name}.sql",
                unique_id=uid,
                macro_sql=text,
            )
        return manifest


@contextmanager
def _past_failures() -> Iterator[None]:
    """Let dbt compile the others when a model fails: its runs can, its `compile` has no option for it."""
    kept = CompileTask.raise_on_first_error
    CompileTask.raise_on_first_error = lambda _: False  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        CompileTask.raise_on_first_error = kept  # type: ignore[method-assign]


def _selection(models: list[str], without: Iterable[str]) -> list[str]:
    """Return dbt's options that select models."""
    names = [uid.rpartition(".")[2] for uid in models]
    if len(names) <= _FEW:
        return ["--indirect-selection", "empty", "--select", *names]
    failed = [uid.rpartition(".")[2] for uid in without]
    left_out = ["--exclude", *failed] if failed else []
    return ["--indirect-selection", "empty", "--select", "resource_type:model", *left_out]


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = (node.get("config", {}).get("meta") or {}).get("weir") or {}
    return meta
