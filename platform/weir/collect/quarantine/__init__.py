"""Quarantined events: what is wrong with them, and their replay once it has been mended.

The CLI, the HTTP API, the console and MCP call these functions. How rows are stored and marked is
`weir.engines.embedded`'s business, what is wrong with an event `weir.collect.verdict`'s.
"""

from weir.collect.quarantine.rejudging import Kept, Outcome, Rejudging, kept_event, rejudge
from weir.collect.quarantine.replaying import ReplayReport, StillInvalid, replay
from weir.collect.quarantine.showing import as_dict, find, groups, named
from weir.collect.quarantine.standards import rejudging_of
from weir.engines.embedded.quarantine import GROUPED_BY, Group, Mark, Quarantined, Wanted

__all__ = [
    "GROUPED_BY",
    "Group",
    "Kept",
    "Mark",
    "Outcome",
    "Quarantined",
    "Rejudging",
    "ReplayReport",
    "StillInvalid",
    "Wanted",
    "as_dict",
    "find",
    "groups",
    "kept_event",
    "named",
    "rejudge",
    "rejudging_of",
    "replay",
]
