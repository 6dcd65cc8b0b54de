"""Saves a change: as branch and commit of the project's repository, or in place without git."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from weir.core.errors import UsageError
from weir.core.settings import Settings
from weir.registry.compat import compare_registries
from weir.registry.sync.base import Base, need_base
from weir.registry.sync.branching import BranchSave
from weir.registry.sync.change import ROOT, Change, Draft
from weir.registry.sync.columndiff import column_diff
from weir.registry.sync.git import Git
from weir.registry.sync.inplace import finish, held, write_all
from weir.registry.sync.merging import merge_change
from weir.registry.sync.options import Options, Saved
from weir.registry.sync.plan import Plan, plan
from weir.registry.sync.remotes import Host, Proposal, host_of
from weir.registry.sync.repository import GitRepository
from weir.registry.sync.snapshot import MODELS, is_model, registry_of
from weir.registry.sync.summary import proposal_body
from weir.registry.sync.working import is_event_file, read_files

LOCK = "weir-save.lock"


def save(settings: Settings, change: Change | None = None, options: Options | None = None) -> Saved:
    """Save a change, and what it generates.

    Args:
        settings: the project's.
        change: the files; None for what was edited by hand in the project's folder.
        options: how.

    Raises:
        EditConflict: if others changed the same places first; nothing was saved.
        ExceptionGroup: of one `RegistryError` per mistake in the files as they would be.
        GitError: if git refuses.
        NotReady: if others are faster every time.
        ServiceUnavailable: if the host of pull requests does not answer; the branch is pushed.
        UsageError: if the options make no sense together.
    """
    chosen = options or Options()
    repository = open_repository(settings, chosen.environment, chosen.when)
    if repository is None:
        return _save_in_place(settings, change or Change(), chosen)
    host = None
    if chosen.pull_request:  # whatever is wrong with it is said before anything is pushed
        host = host_of(settings, repository.address(), chosen.transport)
    with held(repository.common / LOCK):
        saved, base = BranchSave(settings, repository, chosen).save(change)
    if host is None or saved.commit is None:
        return saved
    return replace(saved, pull_request_url=_proposed(host, repository, saved, base))


def open_repository(
    settings: Settings,
    environment: Mapping[str, str] | None = None,
    when: datetime | None = None,
) -> GitRepository | None:
    """Return the project's repository, or None if the project has no git."""
    return GitRepository.find(Git(settings.project, environment), settings.git_remote, when)


def read_draft(
    settings: Settings, base: str = "", environment: Mapping[str, str] | None = None
) -> Draft:
    """Return the event files of the base branch (without git: of the folder) to be edited."""
    repository = open_repository(settings, environment)
    if repository is None:
        return Draft(read_files(settings.project, ROOT))
    commit = need_base(repository, base, settings.git_base).commit
    return Draft(repository.files(commit, ROOT, is_event_file), commit)


def _proposed(host: Host, repository: GitRepository, saved: Saved, base: Base) -> str:
    """Ask the host to take the whole branch, and return where it is discussed."""
    start = repository.merge_base(base.commit, str(saved.commit)) or base.commit
    commits = (start, str(saved.commit))
    old, new = (registry_of(repository.files(commit, ROOT, is_event_file))[0] for commit in commits)
    body = proposal_body(column_diff(old, new), compare_registries(old, new))
    title = repository.subject(str(saved.commit))
    return host.propose(Proposal(str(saved.branch), base.branch, title, body))


def _save_in_place(settings: Settings, change: Change, options: Options) -> Saved:
    if options.branch or options.pushes:
        what = "The project has no git: there is nothing to branch or push."
        raise UsageError(what, "Run `git init`, or save without --branch and --push.")
    project = settings.project
    with held(project / f".{LOCK}"):
        finish(project, options.at)
        planned = _planned(settings, change, options)
        if planned.files and not options.dry_run:
            write_all(project, planned.files, options.at)
    return Saved(
        files=tuple(planned.files),
        removed=planned.removed,
        column_diff=planned.diff,
        message=planned.message,
        notes=planned.notes,
        in_place=True,
    )


def _planned(settings: Settings, change: Change, options: Options) -> Plan:
    theirs = read_files(settings.project, ROOT)
    folder = settings.project / MODELS
    models = {p.name: p.read_bytes() for p in sorted(folder.glob("*")) if is_model(p.name)}
    merged = merge_change(change, theirs, lambda _: None, options.resolutions).checked()
    return plan(merged, theirs, models, options.message)
