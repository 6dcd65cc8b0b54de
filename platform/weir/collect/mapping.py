"""The mapping of a file's columns to the wire's fields, under the name that callers know it by."""

from weir.collect.sources.mapping import Field, Mapping, TimeField, load_mapping

__all__ = ["Field", "Mapping", "TimeField", "load_mapping"]
