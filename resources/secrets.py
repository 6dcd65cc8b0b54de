"""The environment variables that `alerts.yaml` names: read when a message is sent, never kept."""

import os
from collections.abc import Mapping


def environment() -> Mapping[str, str]:
    """Return this process's environment."""
    return os.environ
