"""Saves a change as a commit on a branch of the project's repository.

A save merges, builds the models, commits, pushes if asked to, and then moves one branch: only that
and the push can be seen. Whoever was faster is noticed there, and the change is merged into what
they left, a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from weir.core.errors import GitError, NotReady, UsageError
from weir.core.settings import Settings
from weir.registry.sync.base import DETACHED, Base, need_base
from weir.registry.sync.change import ROOT, Change
from weir.registry.sync.git import check_branch, is_branch
from weir.registry.sync.hand import edited_by_hand, remember, saved_before
from weir.registry.sync.merging import merge_change
from weir.registry.sync.message import next_branch, stem_of
from weir.registry.sync.options import Options, Saved
from weir.registry.sync.plan import Plan, plan
from weir.registry.sync.repository import Branch, GitRepository
from weir.registry.sync.snapshot import MODELS, is_model
from weir.registry.sync.working import is_event_file

ATTEMPTS = 10


@dataclass(frozen=True)
class _Target:
    """The branch that a save makes or moves, where it was seen, and what the commit is made on."""

    name: str
    parent: str
    local: str | None = None
    remote: str | None = None
    former: Collection[Branch] = ()

    def holding(self, tree: str) -> Branch | None:
        """Return the branch of a former save that holds this tree already."""
        return next((branch for branch in self.former if branch.tree == tree), None)


def check_may_move(repository: GitRepository, name: str, base: Base) -> None:
    """Check that a save may move a branch: not the base, and none that somebody works on.

    Raises:
        UsageError: if it is the base, or some worktree has it checked out.
    """
    if name == base.branch:
        what = f"`{name}` is the branch that is saved against."
        raise UsageError(what, "Save to another branch, and merge that.")
    if name in repository.checked_out():
        what = f"The branch `{name}` is checked out; saving to it would change it under you."
        raise UsageError(what, "Commit there with git, or save to another branch.")


class BranchSave:
    """One save into a repository. Other saves of Weir are kept out meanwhile, git is not."""

    def __init__(self, settings: Settings, repository: GitRepository, options: Options) -> None:
        self.settings, self.repository, self.options = settings, repository, options
        self.own: Mapping[str, bytes] = {}

    def save(self, change: Change | None) -> tuple[Saved, Base]:
        """Save a change, or what was edited by hand; return what was done, and the base."""
        if self.options.branch is not None:
            check_branch(self.options.branch)
        if self.options.pushes:
            self.repository.address()
        base = self._base()
        edits = None
        if change is None:
            edits = edited_by_hand(self.settings, self.repository, base)
            change = edits.change
            self.own = saved_before(self.repository, self.options.branch)
        for _ in range(ATTEMPTS):
            saved = self._attempt(change, base)
            if saved is not None:
                if edits and saved.branch and saved.commit:
                    remember(self.repository, edits, saved.branch, saved.commit)
                return saved, base
            base = self._base()
        what = f"Others changed the branch during each of {ATTEMPTS} attempts to save."
        raise NotReady(what, "Save again: nothing was added to the branch.")

    def _base(self) -> Base:
        base = need_base(self.repository, self.options.base, self.settings.git_base)
        if not self.options.pushes or self.options.base or base.branch == DETACHED:
            return base
        newest = self.repository.fetch(base.branch)
        return base._replace(commit=newest) if newest else base

    def _attempt(self, change: Change, base: Base) -> Saved | None:
        """Save on what is there now; None if others moved it meanwhile."""
        target = self._target(change, base)
        planned = self._plan(change, target.parent)
        saved = Saved(
            base=base.branch,
            files=tuple(planned.files),
            removed=planned.removed,
            column_diff=planned.diff,
            message=planned.message,
            notes=planned.notes,
        )
        if not planned.files and target.local is None:
            return saved
        if self.options.dry_run:
            former = self._former(planned, target)
            return replace(saved, branch=former or target.name, existed=former is not None)
        return self._stored(saved, planned, target)

    def _plan(self, change: Change, parent: str) -> Plan:
        theirs = self.repository.files(parent, ROOT, is_event_file)
        models = self.repository.files(parent, MODELS, is_model)
        content_of, resolutions = self.repository.content_of, self.options.resolutions
        merged = merge_change(change, theirs, content_of, resolutions, self.own).checked()
        return plan(merged, theirs, models, self.options.message)

    def _target(self, change: Change, base: Base) -> _Target:
        name = self.options.branch
        if name is None:
            stem = stem_of(change.paths)
            taken = [*self.repository.branches(stem), *self._checked_out(base)]
            free = next_branch(stem, [branch.name for branch in taken])
            return _Target(free, base.commit, former=taken)
        check_may_move(self.repository, name, base)
        local = self.repository.commit_of(f"refs/heads/{name}")
        remote = self.repository.fetch(name) if self.options.pushes else None
        return _Target(name, self._tip(name, local, remote) or base.commit, local, remote)

    def _checked_out(self, base: Base) -> list[Branch]:
        """Return the branch that is checked out: somebody may have committed the edits there."""
        name = (self.repository.head_branch() or "").removeprefix("refs/heads/")
        if not name or name == base.branch or not is_branch(name):
            return []
        return [branch for branch in self.repository.branches(name) if branch.name == name]

    def _tip(self, name: str, local: str | None, remote: str | None) -> str | None:
        if not local or not remote or self.repository.is_ancestor(local, remote):
            return remote or local
        if self.repository.is_ancestor(remote, local):
            return local
        raise _parted(name)

    def _stored(self, saved: Saved, planned: Plan, target: _Target) -> Saved | None:
        self.options.at("tree")
        tree = self.repository.tree_with(target.parent, planned.files)
        former = target.holding(tree)
        if former:
            target = self._again(former)
        self.options.at("commit")
        commit = former.commit if former else self._commit(tree, planned, target.parent)
        pushed = self._pushed(target, commit)
        if pushed is None or not self._moved(target, commit):
            return None
        existed = former is not None
        return replace(saved, branch=target.name, commit=commit, pushed=pushed, existed=existed)

    def _again(self, former: Branch) -> _Target:
        """Return the branch of a former save as the target, to be pushed if it is not yet."""
        local = self.repository.commit_of(f"refs/heads/{former.name}")
        remote = self.repository.fetch(former.name) if self.options.pushes else None
        return _Target(former.name, former.commit, local, remote)

    def _former(self, planned: Plan, target: _Target) -> str | None:
        """Return the branch of a former save that holds this plan already; nothing is stored."""
        wanted = {self.repository.prefix + path for path in planned.files}
        for branch in target.former:
            if self.repository.changed(target.parent, branch.commit) == wanted:
                held = self._held(branch.commit)
                if all(held.get(path) == content for path, content in planned.files.items()):
                    return branch.name
        return None

    def _held(self, commit: str) -> dict[str, bytes]:
        return {
            f"{folder}/{path}": content
            for folder, wanted in ((ROOT, is_event_file), (MODELS, is_model))
            for path, content in self.repository.files(commit, folder, wanted).items()
        }

    def _commit(self, tree: str, planned: Plan, parent: str) -> str:
        if not planned.files:
            return parent
        author = self.options.author or self.repository.identity()
        return self.repository.commit(tree, parent, planned.message, author)

    def _pushed(self, target: _Target, commit: str) -> bool | None:
        """Push; None if others were faster."""
        if not self.options.pushes:
            return False
        self.options.at("push")
        if target.remote and self.repository.is_ancestor(commit, target.remote):
            return True
        if target.remote and not self.repository.is_ancestor(target.remote, commit):
            raise _parted(target.name)
        if self.repository.push(target.name, commit, target.remote):
            return True
        self.repository.fetch(target.name)  # so that its name is seen to be taken
        return None

    def _moved(self, target: _Target, commit: str) -> bool:
        """Move the branch here; one that is further already stays."""
        self.options.at("move")
        if target.local and self.repository.is_ancestor(commit, target.local):
            return True
        return self.repository.move(target.name, commit, target.local)


def _parted(name: str) -> GitError:
    what = f"The branch `{name}` here and at the remote have parted."
    return GitError(what, "Merge them with git first, or save to another branch.")
