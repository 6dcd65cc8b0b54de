"""The one Dagster resource: the home that a run reads and writes."""

from functools import lru_cache
from pathlib import Path

import dagster as dg
from pydantic import Field

from weir.core.settings import load
from weir.orchestra.project import Project


@lru_cache(maxsize=8)
def _project(project: str, home: str) -> Project:
    return Project(load(Path(project), Path(home)))


class HomeResource(dg.ConfigurableResource):
    """A Weir home: lake, spool, search index and ledger of one machine."""

    home: str = Field(description="Folder that holds everything of one machine (WEIR_HOME).")
    project_dir: str = Field(description="Folder of the Weir project (where workspace.yaml is).")

    @property
    def project(self) -> Project:
        """The project of this home; opened once per process."""
        return _project(self.project_dir, self.home)

    @classmethod
    def of(cls, project: Project) -> "HomeResource":
        """Return the resource of an open project."""
        settings = project.settings
        return cls(home=str(settings.home), project_dir=str(settings.project))
