"""Typed event logs: one table per event name, generated from its schema. The models are in dbt/models/event_log."""

import dagster as dg

from weir.orchestra.freshness import freshness_checks
from weir.orchestra.models import model_assets
from weir.orchestra.project import Project


def assets(project: Project) -> list[dg.AssetsDefinition]:
    """Return this stage's assets."""
    return model_assets(project, "event_log")


def checks(project: Project) -> list[dg.AssetChecksDefinition]:
    """Return the checks that are no part of a model: whether its newest partition is there."""
    return freshness_checks(project, "event_log")
