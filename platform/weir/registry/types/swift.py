"""Swift 5.7 and newer, Codable: one file per event, all in the app's module."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from weir.registry.types.shape import camel_case
from weir.registry.types.typed import CONTEXT, SHARED_MARK, Typed

OPTIONS = {
    "initializers": "false",
    "access-level": "public",
    "sendable": "true",
    "acronym-style": "pascal",
}
_HELPERS = "// MARK: - Encode/decode helpers"


def files(events: Sequence[Typed], bodies: Mapping[str, str]) -> dict[str, str]:
    """Return every file of the folder. Helpers that several events need stand in one file."""
    made: dict[str, str] = {}
    helpers = ""
    for one in events:
        types, found, tail = bodies[one.name].partition(_HELPERS)
        made[f"{one.type_name}.swift"] = _event(one, types.rstrip() + "\n")
        helpers = max(helpers, found + tail, key=len)  # the longer one holds the shorter one
    if helpers:
        text = re.sub(r"^public class (\w+): (.*) \{$", _sendable, helpers, flags=re.M)
        made["WeirJSON.swift"] = f"// {SHARED_MARK}\nimport Foundation\n\n{text}"
    return {**made, "WeirEvent.swift": _envelope()}


def _sendable(found: re.Match[str]) -> str:
    """Helper classes hold constants only; without this no struct with one is Sendable."""
    kinds = found[2] if "Sendable" in found[2] else f"{found[2]}, @unchecked Sendable"
    return f"public final class {found[1]}: {kinds} {{"


def _envelope() -> str:
    names = {key: camel_case(key) for key in CONTEXT}
    fields = "".join(
        f"    /// {text}\n    public var {names[key]}: String?\n" for key, text in CONTEXT.items()
    )
    keys = "".join(f'        case {name} = "{key}"\n' for key, name in names.items())
    given = ", ".join(f"{name}: String? = nil" for name in names.values())
    kept = "".join(f"        self.{name} = {name}\n" for name in names.values())
    taken = "".join(f"        self.{name} = context.{name}\n" for name in names.values())
    return f"""\
// {SHARED_MARK}
import Foundation

/// What the sender may say of an event besides its parameters.
public struct WeirContext: Sendable {{
{fields}
    public init({given}) {{
{kept}    }}
}}

/// One event; written with `JSONEncoder`.
public struct WeirEvent<Params: Codable & Sendable>: Codable, Sendable {{
    public let name: String
    public let version: Int
    public let params: Params
{fields}
    public enum CodingKeys: String, CodingKey {{
        case name
        case version
        case params
{keys}    }}

    public init(name: String, version: Int, params: Params, context: WeirContext) {{
        self.name = name
        self.version = version
        self.params = params
{taken}    }}
}}
"""


def _event(one: Typed, body: str) -> str:
    quoted = one.advice.replace('"', "'")
    advice = f'@available(*, deprecated, message: "{quoted}")\n' if one.deprecated else ""
    return f"""\
// {one.mark}
{_defaults(body)}
/// {one.comment}
{advice}public func {one.function}(
    _ params: {one.type_name},
    context: WeirContext = WeirContext()
) -> WeirEvent<{one.type_name}> {{
    WeirEvent(name: "{one.name}", version: {one.version}, params: params, context: context)
}}
"""


def _defaults(body: str) -> str:
    """Let callers leave out what is optional: the generator's initialisers want every argument."""

    def filled(found: re.Match[str]) -> str:
        arguments = re.sub(r"\?(?=, |$)", "? = nil", found[1])
        return f"    public init({arguments}) {{"

    return re.sub(r"^    public init\(((?!from ).*)\) \{$", filled, body, flags=re.M)
