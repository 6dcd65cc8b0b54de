"""The home that this process works on, from the environment."""

from pathlib import Path

from weir.core.settings import load
from weir.orchestra.home import project_of
from weir.orchestra.project import Project

ROOT = Path(__file__).resolve().parent.parent


def project_from_environment() -> Project:
    """Return the project beside this file, with WEIR_HOME and the other WEIR_* as they are set.

    Paths come out absolute and do not depend on the current folder.
    """
    return project_of(load(ROOT))
