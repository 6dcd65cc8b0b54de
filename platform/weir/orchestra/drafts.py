"""Saves a query as the draft of a dbt model: a file and a commit on a branch of its own.

The checkout and the index stay as they are. The draft is switched off (`enabled=false`), so that the
project parses and builds as before until somebody has finished and moved it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from weir.core.errors import GitError, NameRejected, QueryRejected
from weir.core.settings import Settings
from weir.engines.embedded.readonly import place
from weir.engines.embedded.statement import tables_of
from weir.registry.sync import open_repository
from weir.registry.sync.base import need_base
from weir.registry.sync.branching import check_may_move
from weir.registry.sync.repository import Author

FOLDER = "dbt/models/draft"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
_LONGEST_NAME = 60
_JINJA = re.compile(r"\{[{%#]")
_IDENTIFIER = r'(?:"(?:[^"]|"")*"|\w+)'
_TABLE = re.compile(rf"(?:{_IDENTIFIER}\s*\.\s*){{1,2}}{_IDENTIFIER}".encode())
Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class Draft:
    """What was saved.

    Attributes:
        branch, commit: where.
        path: the file, from the project's folder.
        text: what is in it.
        unknown: tables that are no model and no source of the project: they stand as they were.
    """

    branch: str
    commit: str
    path: str
    text: str
    unknown: list[str]


def model_text(
    manifest: Manifest, name: str, sql: str, description: str = ""
) -> tuple[str, list[str]]:
    """Return the file of a draft, and the tables in it that the project does not know.

    Raises:
        NameRejected: if the name breaks the rule or is taken.
        QueryRejected: if it is not one SELECT on the lake's tables.
    """
    _check_name(manifest, name)
    if _JINJA.search(sql):
        raise QueryRejected(
            "The query has `{{`, `{%` or `{#`, which dbt would run.", "Take it out of the query."
        )
    query, unknown = _with_references(manifest, sql.strip().rstrip(";").rstrip())
    told = "".join(f"-- {line}".rstrip() + "\n" for line in _lines(description))
    head = (
        f"{told}-- A draft: finish it, describe it in a YAML file beside it, move it to its stage's"
        " folder and take this line out.\n"
        '{{ config(enabled=false, materialized="view") }}\n\n'
    )
    return f"{head}{query}\n", unknown


def save_draft(
    settings: Settings, manifest: Manifest, name: str, sql: str, author: Author,
    description: str = "",
) -> Draft:  # fmt: skip
    """Save a draft as a commit on the branch `draft/<name>`.

    Where that branch is there already, the commit comes on top of it.

    Raises:
        NameRejected: if the name breaks the rule or is taken.
        QueryRejected: if it is not one SELECT on the lake's tables.
        GitError: if the project is in no repository, git refuses, or the branch moved meanwhile.
        UsageError: if the branch is checked out somewhere.
    """
    text, unknown = model_text(manifest, name, sql, description)
    repository = open_repository(settings)
    if repository is None:
        raise GitError(
            "The project is in no git repository: a draft is saved as a commit.",
            "Make one: `git init && git add . && git commit`.",
        )
    branch, path = f"draft/{name}", f"{FOLDER}/{name}.sql"
    old = repository.commit_of(f"refs/heads/{branch}")
    base = need_base(repository, "", settings.git_base)
    check_may_move(repository, branch, base)
    parent = old or base.commit
    tree = repository.tree_with(parent, {path: text.encode()})
    commit = repository.commit(tree, parent, f"Draft the model {name}\n", author)
    if not repository.move(branch, commit, old):
        raise GitError(f"The branch `{branch}` was moved by somebody else.", "Save it again.")
    return Draft(branch, commit, path, text, unknown)


def _lines(text: str) -> list[str]:
    clean = _JINJA.sub("{ ", text)
    return [line for line in clean.replace("\r", "").split("\n") if line.strip()]


def _check_name(manifest: Manifest, name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise NameRejected(
            name, "a model is named in snake_case, in two words or more",
            "Name it like `users_bought_twice`.",
        )  # fmt: skip
    if name in {node["name"] for node in _nodes(manifest)}:
        raise NameRejected(name, "there is a model of this name", "Choose another name.")


def _with_references(manifest: Manifest, sql: str) -> tuple[str, list[str]]:
    """Write `ref()` and `source()` for the tables that the project knows."""
    known = _known(manifest)
    raw, unknown = sql.encode(), list[str]()
    for at, schema, table in sorted(_found(sql), reverse=True):
        match = _TABLE.match(raw, at)
        reference = known.get((schema.lower(), table.lower()))
        if reference is None or match is None:
            unknown.append(f"{schema}.{table}")
            continue
        raw = raw[:at] + reference.encode() + raw[match.end() :]
    return raw.decode(), sorted(set(unknown))


def _found(sql: str) -> list[tuple[int, str, str]]:
    with duckdb.connect() as connection:
        try:
            return tables_of(connection, sql)
        except duckdb.Error as error:
            told = str(error)
            where = place(told, sql) or (None, None)
            raise QueryRejected(told, "Mend the query.", *where) from None
        except ValueError as error:
            raise QueryRejected(
                f"Refused: {error}", "A model is one SELECT on the lake's tables."
            ) from None


def _known(manifest: Manifest) -> dict[tuple[str, str], str]:
    """Return (schema, table) → the reference to it."""
    found = {
        (node["schema"].lower(), (node.get("alias") or node["name"]).lower()): (
            f'{{{{ ref("{node["name"]}") }}}}'
        )
        for node in _nodes(manifest)
    }
    for source in manifest.get("sources", {}).values():
        place_of = source["schema"].lower(), source["identifier"].lower()
        found[place_of] = f'{{{{ source("{source["source_name"]}", "{source["name"]}") }}}}'
    return found


def _nodes(manifest: Manifest) -> list[Mapping[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
