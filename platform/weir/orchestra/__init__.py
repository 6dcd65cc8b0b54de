"""Reusable Dagster pieces: the only part of the library that imports Dagster.

Annotations are never deferred in this package: Dagster reads them at run time.
"""
