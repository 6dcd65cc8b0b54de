"""Makes room for partitions whose files are gone or damaged, before a plan builds them again."""

from collections.abc import Iterable
from datetime import datetime

from weir.core import grains
from weir.core.errors import NotReady
from weir.engines.embedded.lost import forget_files
from weir.engines.embedded.storage import EmbeddedStorage
from weir.engines.storage import DataFile
from weir.lineage.checking.looking import broken_files
from weir.lineage.checking.spans import span_of
from weir.lineage.ledger import Verdict
from weir.lineage.nodes import Node
from weir.lineage.recovery.plans import Plan
from weir.orchestra.project import Project

STORED = "data_is_stored"
"""The check that fails from the moment a lost file is given up until its partitions are built."""


def make_room(project: Project, plan: Plan) -> list[str]:
    """Give up lost files of the partitions that a plan builds; return their paths.

    From there on the partitions have a failed check, which holds back what reads them and is a
    fault of its own, until they are built again.

    Raises:
        NotReady: if a lost file also holds partitions that the plan does not build.
    """
    forced = {asset for step in plan.steps for asset in step.forced}
    lost: list[str] = []
    nodes = [node for node in project.nodes if node.asset in forced and node.column]
    storage = EmbeddedStorage(project.lake)
    for node in nodes if project.lake.exists else ():
        with storage.reading():
            files = broken_files(storage.table(node.asset, node.column).files, storage)
        for file in files:
            _give_up(project, plan, node, file)
            lost.append(file.path)
    if lost:
        forget_files(project.lake, lost)
    return lost


def _give_up(project: Project, plan: Plan, node: Node, file: DataFile) -> None:
    planned = {at for step in plan.steps if node.asset in step.assets for at in step.labels}
    held = _labels(node, file, project.ledger.built(node.asset))
    beside = [grains.text(at, node.grain) for at in held if at not in planned]
    if beside:
        raise NotReady(
            f"{file.path} is lost and also holds {len(beside)} partitions of {node.asset} that this"
            f" plan does not build, {beside[0]} among them.",
            f"Plan all of them: `weir plan recover {node.asset}` without --range.",
        )
    detail = f"its file was lost: {file.path}"
    project.ledger.record(
        Verdict(node.asset, STORED, grains.text(at, node.grain), passed=False, detail=detail)
        for at in held
    )


def _labels(node: Node, file: DataFile, built: Iterable[str]) -> list[datetime]:
    first, last = span_of(file)
    labels = (grains.parse(key, node.grain) for key in built)
    return [at for at in labels if first <= at <= last]
