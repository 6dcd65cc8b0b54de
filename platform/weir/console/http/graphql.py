"""What a GraphQL request would change. Pure."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse
from graphql.language.ast import FieldNode

MAX_TOKENS = 20_000
"""Tokens of one document: Dagster's own pages send a few thousand."""


class NotGraphQL(Exception):
    """It cannot be read: nobody can say what it would do."""


def mutations(request: Any) -> list[str]:
    """Return the names of the mutations in a request; empty if it only reads.

    Every operation of the document counts, whichever is to be run.

    Args:
        request: the parsed JSON: an object with `query`, or a list of them.

    Raises:
        NotGraphQL: if it is none.

    >>> mutations({"query": "mutation M { a: launchRun(x: 1) { id } }"})
    ['launchRun']
    >>> mutations({"query": "{ runs { id } }"})
    []
    """
    every = request if isinstance(request, list) else [request]
    return [name for one in every for name in _of(one)]


def _of(request: Any) -> list[str]:
    text = request.get("query") if isinstance(request, dict) else None
    if not isinstance(text, str):
        raise NotGraphQL("The request has no `query`.")
    try:
        document = parse(text, no_location=True, max_tokens=MAX_TOKENS)
    except (GraphQLError, RecursionError) as error:
        raise NotGraphQL(f"The query cannot be read: {error}") from error
    return [
        field.name.value if isinstance(field, FieldNode) else "fragment"
        for part in document.definitions
        if isinstance(part, OperationDefinitionNode) and part.operation is OperationType.MUTATION
        for field in part.selection_set.selections
    ]
