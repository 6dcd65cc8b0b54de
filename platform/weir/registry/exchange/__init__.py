"""Exchange of event schemas with other systems, each with the list of what cannot be carried."""

from weir.registry.exchange.draft import Draft, draft
from weir.registry.exchange.files import read_document
from weir.registry.exchange.formats import (
    EXPORTS,
    IMPORTS,
    Exported,
    Imported,
    detect,
    export_schema,
    import_schema,
)
from weir.registry.tree.losses import Loss

__all__ = [
    "EXPORTS",
    "IMPORTS",
    "Draft",
    "Exported",
    "Imported",
    "Loss",
    "detect",
    "draft",
    "export_schema",
    "import_schema",
    "read_document",
]
