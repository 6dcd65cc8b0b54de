"""Alerts: who is told of what went wrong, by which channel, once.

`Outbox` keeps what is wrong and what is still to be sent in a file of the home, so a restart loses
nothing; `deliver` sends it. Who raises alerts is outside: `weir.orchestra.alerting`.
"""

from weir.alerts.config import FILE, Channel, Config, read_config
from weir.alerts.delivering import Delivered, deliver
from weir.alerts.outbox import Outbox
from weir.alerts.problem import KINDS, Problem

__all__ = [
    "FILE",
    "KINDS",
    "Channel",
    "Config",
    "Delivered",
    "Outbox",
    "Problem",
    "deliver",
    "read_config",
]
