"""Kotlin with kotlinx.serialization: one file per event in the package `weir.events`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from weir.registry.types.shape import camel_case
from weir.registry.types.typed import CONTEXT, SHARED_MARK, Typed

PACKAGE = "weir.events"
OPTIONS = {"framework": "kotlinx", "package": PACKAGE, "acronym-style": "pascal"}
_OPT_IN = "@file:OptIn(kotlinx.serialization.ExperimentalSerializationApi::class)"


def files(events: Sequence[Typed], bodies: Mapping[str, str]) -> dict[str, str]:
    """Return every file of the folder."""
    made = {f"{one.type_name}.kt": _event(one, bodies[one.name]) for one in events}
    return {**made, "WeirEvent.kt": _envelope()}


def _fields() -> str:
    return "".join(
        f'    /** {text} */\n    @SerialName("{key}") val {camel_case(key)}: String? = null,\n'
        for key, text in CONTEXT.items()
    )


def _envelope() -> str:
    names = [camel_case(key) for key in CONTEXT]
    passed = "".join(f"    {name} = context.{name},\n" for name in names)
    return f"""\
// {SHARED_MARK}
package {PACKAGE}

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** What the sender may say of an event besides its parameters. */
data class WeirContext(
{_plain()})

/** One event; written with `Json.encodeToString`. */
@Serializable
data class WeirEvent<P>(
    val name: String,
    val version: Int,
    val params: P,
{_fields()})

internal fun <P> weirEvent(name: String, version: Int, params: P, context: WeirContext) = WeirEvent(
    name = name,
    version = version,
    params = params,
{passed})
"""


def _plain() -> str:
    return "".join(
        f"    /** {text} */\n    val {camel_case(key)}: String? = null,\n"
        for key, text in CONTEXT.items()
    )


def _event(one: Typed, body: str) -> str:
    quoted = one.advice.replace('"', "'").replace("$", "")
    advice = f'@Deprecated("{quoted}")\n' if one.deprecated else ""
    return f"""\
// {one.mark}
{_OPT_IN}

{body}
/** {one.comment} */
{advice}fun {one.function}(
    params: {one.type_name},
    context: WeirContext = WeirContext(),
): WeirEvent<{one.type_name}> = weirEvent("{one.name}", {one.version}, params, context)
"""
