"""The one Dagster resource: the home that a run reads and writes."""

from pathlib import Path

import dagster as dg
from pydantic import Field

from weir.core.settings import Settings, load
from weir.orchestra.project import Project

_opened: dict[tuple[str, str], Project] = {}


def remember(project: Project) -> Project:
    """Let this process use an open project, instead of reading its models and events once more."""
    _opened[str(project.settings.project), str(project.settings.home)] = project
    return project


def project_of(settings: Settings) -> Project:
    """Return the open project of these settings, or a new one."""
    known = _opened.get((str(settings.project), str(settings.home)))
    return known if known and known.settings == settings else remember(Project(settings))


class HomeResource(dg.ConfigurableResource):
    """A Weir home: lake, spool, search index and ledger of one machine."""

    home: str = Field(description="Folder that holds everything of one machine (WEIR_HOME).")
    project_dir: str = Field(description="Folder of the Weir project (where workspace.yaml is).")

    @property
    def project(self) -> Project:
        """The project of this home; opened once per process."""
        known = _opened.get((self.project_dir, self.home))
        return known or remember(Project(load(Path(self.project_dir), Path(self.home))))

    @classmethod
    def of(cls, project: Project) -> "HomeResource":
        """Return the resource of an open project."""
        settings = remember(project).settings
        return cls(home=str(settings.home), project_dir=str(settings.project))
