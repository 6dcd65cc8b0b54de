"""Reusable Dagster pieces: the only part of the library that imports Dagster.

No `from __future__ import annotations` in this package: Dagster reads annotations at run time.
"""
