"""What each language's generated files hold beside the types: envelope, constructors, index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from weir.registry.types import kotlin, python, swift, typescript
from weir.registry.types.typed import Typed

__all__ = ["LANGUAGES", "Language", "Typed"]


@dataclass(frozen=True)
class Language:
    """How one language is written.

    Args:
        options: of the generator.
        unions: whether its types write a value of several types as JSON does.
        files: the files, from the events and the generated types by event.
    """

    options: Mapping[str, str]
    unions: bool
    files: Callable[[Sequence[Typed], Mapping[str, str]], dict[str, str]]


LANGUAGES: Mapping[str, Language] = {
    "typescript": Language(typescript.OPTIONS, True, typescript.files),  # noqa: FBT003
    "kotlin": Language(kotlin.OPTIONS, False, kotlin.files),  # noqa: FBT003 - sealed classes are written as objects
    "swift": Language(swift.OPTIONS, True, swift.files),  # noqa: FBT003
    "python": Language(python.OPTIONS, True, python.files),  # noqa: FBT003
}
