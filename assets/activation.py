"""Activation: checkpoints, states of active keys, and the summary that counts Inactive. The models are in dbt/models/activation."""

import dagster as dg

from weir.orchestra.models import model_assets
from weir.orchestra.project import Project


def assets(project: Project) -> list[dg.AssetsDefinition]:
    """Return this stage's assets."""
    return model_assets(project, "activation")
