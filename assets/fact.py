"""Facts: exactly one row per key and day, in the fact's time zone. The models are in dbt/models/fact."""

import dagster as dg

from weir.orchestra.freshness import freshness_checks
from weir.orchestra.models import model_assets
from weir.orchestra.project import Project


def assets(project: Project) -> list[dg.AssetsDefinition]:
    """Return this stage's assets."""
    return model_assets(project, "fact")


def checks(project: Project) -> list[dg.AssetChecksDefinition]:
    """Return the checks that are no part of a model: whether its newest partition is there."""
    return freshness_checks(project, "fact")
