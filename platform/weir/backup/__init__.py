"""Copies of a home at one snapshot, and homes made from them."""

from weir.backup.manifest import Manifest, check, read_manifest
from weir.backup.restoring import restore
from weir.backup.taking import Progress, take

__all__ = ["Manifest", "Progress", "check", "read_manifest", "restore", "take"]
