"""Says why a partition is not as it should be: a closed list of causes, each with its evidence.

`diagnose` is the entrance; it is told everything as `Facts`. Nothing is opened, asked or mended here.
"""

from weir.lineage.triage.codes import MEANINGS, Code
from weir.lineage.triage.diagnose import diagnose
from weir.lineage.triage.diagnosis import Cause, Confidence, Diagnosis, Reach
from weir.lineage.triage.facts import Daemon, Diverted, Facts, Failure, Run, Seen, Sensor, Waits

__all__ = [
    "MEANINGS",
    "Cause",
    "Code",
    "Confidence",
    "Daemon",
    "Diagnosis",
    "Diverted",
    "Facts",
    "Failure",
    "Reach",
    "Run",
    "Seen",
    "Sensor",
    "Waits",
    "diagnose",
]
