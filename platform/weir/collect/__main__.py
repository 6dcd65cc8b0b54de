"""`python -m weir.collect`: the collector of the project found from here or named."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from weir.collect import supervisor, worker
from weir.core.errors import WeirError
from weir.core.settings import find_project, load


def main(arguments: list[str] | None = None) -> int:
    """Run the collector until a signal ends it; SIGHUP replaces its workers without a pause.

    Returns:
        0 after an orderly end, 2 when it could not start.
    """
    parser = argparse.ArgumentParser(prog="python -m weir.collect", description=__doc__)
    parser.add_argument("--project", type=Path, help="folder of the project (workspace.yaml)")
    parser.add_argument("--home", type=Path, help="folder of the data; default is WEIR_HOME")
    parser.add_argument("--seat", type=worker.Seat.parse, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    project = given.project or find_project(Path.cwd())
    if project is None:
        sys.stderr.write("There is no project here. Name its folder: --project DIR.\n")
        return 2
    try:
        settings = load(project, given.home)
        settings.require_production("Collecting")
        if given.seat:
            worker.work(settings, given.seat)
        else:
            supervisor.supervise(settings)
    except WeirError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except ExceptionGroup as group:
        sys.stderr.write("".join(f"{error}\n" for error in group.exceptions))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
