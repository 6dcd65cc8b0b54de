"""TypeScript: one module per event, types only at run time erased; no import is ever resolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from weir.registry.types.typed import CONTEXT, SHARED_MARK, Typed

OPTIONS = {"just-types": "true", "acronym-style": "pascal", "prefer-unions": "true"}


def files(events: Sequence[Typed], bodies: Mapping[str, str]) -> dict[str, str]:
    """Return every file of the folder."""
    made = {f"{one.name}.ts": _event(one, bodies[one.name]) for one in events}
    exports = "".join(f'export * from "./{one.name}.js";\n' for one in events)
    index = f'// {SHARED_MARK}\nexport type {{ Context, Event }} from "./envelope.js";\n{exports}'
    return {**made, "envelope.ts": _envelope(), "index.ts": index}


def _envelope() -> str:
    fields = "".join(
        f"  /** {text} */\n  readonly {key}?: string;\n" for key, text in CONTEXT.items()
    )
    return f"""\
// {SHARED_MARK}

/** What the sender may say of an event besides its parameters. */
export interface Context {{
{fields}}}

/** One event, ready for the client's `track`. */
export interface Event<Name extends string = string, Params = unknown> extends Context {{
  readonly name: Name;
  readonly version: number;
  readonly params: Params;
}}
"""


def _event(one: Typed, body: str) -> str:
    advice = f"\n * @deprecated {one.advice}" if one.deprecated else ""
    return f"""\
// {one.mark}
import type {{ Context, Event }} from "./envelope.js";

{body}
/**
 * {one.comment}{advice}
 */
export function {one.function}(
  params: {one.type_name},
  context: Context = {{}},
): Event<"{one.name}", {one.type_name}> {{
  return {{ ...context, name: "{one.name}", version: {one.version}, params }};
}}
"""
