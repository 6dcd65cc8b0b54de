"""Saves event files: to a branch and commit of the project's repository, or in place without git.

`read_draft` gives the files to edit, `save` merges a change into what others left and stores it.
What the files may say is the registry's business; `weir.registry.sync.check` is the CI's question.
"""

from weir.registry.sync.change import Change, Draft, Edit
from weir.registry.sync.merging import Conflict, Resolutions
from weir.registry.sync.options import Options, Saved
from weir.registry.sync.repository import Author
from weir.registry.sync.resolving import resolutions_for
from weir.registry.sync.save import open_repository, read_draft, save

__all__ = [
    "Author",
    "Change",
    "Conflict",
    "Draft",
    "Edit",
    "Options",
    "Resolutions",
    "Saved",
    "open_repository",
    "read_draft",
    "resolutions_for",
    "save",
]
