"""The audit log: who did what, when, with which arguments and result, for every write of Weir.

`audited` is the one way to write an entry, `AuditLog` reads them. What the commands of `weir` are
audited as stands in `weir.cli.audited`; what Dagster started by itself is entered after its end.
"""

from weir.audit.actions import ACTIONS
from weir.audit.actor import Actor, actor_of, login
from weir.audit.auditing import Entry, audited, log_of, note
from weir.audit.reading import Found, Wanted
from weir.audit.store import AuditLog
from weir.audit.verifying import Verified, verify

__all__ = [
    "ACTIONS",
    "Actor",
    "AuditLog",
    "Entry",
    "Found",
    "Verified",
    "Wanted",
    "actor_of",
    "audited",
    "log_of",
    "login",
    "note",
    "verify",
]
