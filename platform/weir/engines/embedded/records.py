"""Spool records as Arrow tables. Pure: no I/O."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.json as pj

from weir.core.errors import SpoolError
from weir.core.landing import RECORD

_TYPES = {
    "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
}
SCHEMA = pa.schema([(name, _TYPES[kind]) for name, kind in RECORD.items()])
_MIN_BLOCK = 8 << 20


def to_arrow(payloads: Sequence[bytes]) -> pa.Table:
    """Return records (one JSON object each) as a table with the columns of `landing.RECORD`.

    Raises:
        SpoolError: if a record has another shape.
    """
    if not payloads:
        return SCHEMA.empty_table()
    largest = max(map(len, payloads))
    try:
        table = pj.read_json(
            io.BytesIO(b"\n".join(payloads)),
            read_options=pj.ReadOptions(block_size=max(_MIN_BLOCK, 2 * largest + 2)),
            parse_options=pj.ParseOptions(
                explicit_schema=SCHEMA, newlines_in_values=False, unexpected_field_behavior="error"
            ),
        )
    except pa.ArrowInvalid as error:
        raise SpoolError(
            f"Spool records do not have the columns of this version: {error}.",
            "Land them with the Weir version that wrote them.",
        ) from error
    if table.num_rows != len(payloads):
        raise SpoolError(
            f"{len(payloads)} spool records were read as {table.num_rows} rows.",
            "Report this with the segment file: nothing was landed.",
        )
    return table.select(list(RECORD))
