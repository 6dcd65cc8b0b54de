"""The project's git repository: reads trees, makes commits and moves branches, all by plumbing.

Neither the checked-out files nor the index are touched: a commit is built in an index of its own.
A branch moves only from where it was seen. Merging and generating are not done here.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

from weir.core.errors import GitError, InvalidValue, RegistryError
from weir.registry.sync.change import MAX_BYTES, check_id
from weir.registry.sync.git import Git, check_branch, check_ref, check_remote, failed

_FILE_MODES = ("100644", "100755")
_AUTHOR = re.compile(r"^\s*([^<>\x00-\x1f]*[^<>\x00-\x20])\s*<([^<>\s\x00-\x1f]+)>\s*$")
_MOVED = ("stale info", "fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref",
          "incorrect old value")  # fmt: skip
_TRIES = 5
_REMEMBERED = "refs/worktree/weir/"


class Author(NamedTuple):
    """Who made a change."""

    name: str
    email: str

    @classmethod
    def parse(cls, text: str) -> Author:
        """Return the author that `Name <address>` names.

        >>> Author.parse("Kim Lee <kim@example.com>").email
        'kim@example.com'

        Raises:
            InvalidValue: if it is in another form.
        """
        match = _AUTHOR.match(text)
        if not match:
            raise InvalidValue("author", text, ("Name <address>",))
        return cls(match[1], match[2])


class Branch(NamedTuple):
    """A branch: its name, its last commit and that commit's tree."""

    name: str
    commit: str
    tree: str


class Repository(Protocol):
    """What saving needs of a repository."""

    def commit_of(self, ref: str) -> str | None:
        """Return the commit that a ref names, or None."""

    def files(self, commit: str, folder: str, wanted: Callable[[str], bool]) -> dict[str, bytes]:
        """Return the wanted files of a folder of the project in a commit."""

    def content_of(self, blob: str) -> bytes | None:
        """Return the content of a hash, or None."""

    def tree_with(self, parent: str, files: Mapping[str, bytes | None]) -> str:
        """Store a commit's tree with some of the project's files changed, and return it."""

    def commit(self, tree: str, parent: str, message: str, author: Author) -> str:
        """Store a commit and return it. No branch has it yet."""

    def move(self, branch: str, new: str, old: str | None) -> bool:
        """Set a branch if it still is where it was seen."""

    def branches(self, stem: str) -> list[Branch]:
        """Return the branches, here and known of the remote, whose name begins so."""

    def fetch(self, branch: str) -> str | None:
        """Get a branch of the remote and return its commit, or None if there is none."""

    def push(self, branch: str, new: str, old: str | None) -> bool:
        """Set a branch of the remote if it still is where it was seen."""


@dataclass(frozen=True)
class GitRepository:
    """A repository that the git command works on.

    Args:
        git: runs in the project's folder.
        prefix: the project's folder inside the repository, with a slash at its end; '' at the top.
        common: the folder that all worktrees of the repository share.
        remote: where branches are pushed to.
        when: the date of commits; None for now.
    """

    git: Git
    prefix: str
    common: Path
    remote: str = "origin"
    when: datetime | None = None

    @classmethod
    def find(
        cls, git: Git, remote: str = "origin", when: datetime | None = None
    ) -> GitRepository | None:
        """Return the repository that a folder lies in, or None if it lies in none.

        Raises:
            GitError: if git is missing or refuses to work there.
        """
        done = git.ask(("rev-parse", "--show-prefix", "--git-common-dir"))
        if done.code and "not a git repository" in done.said:
            return None
        if done.code:
            raise failed("rev-parse", done)
        prefix, _, common = done.text.rpartition("\n")
        return cls(git, prefix, git.folder / common, check_remote(remote), when)

    def commit_of(self, ref: str) -> str | None:
        """Return the commit that a ref names, or None."""
        done = self.git.ask(("rev-parse", "--verify", "--quiet", f"{check_ref(ref)}^{{commit}}"))
        return done.text or None if done.code == 0 else None

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the last commit that two have in common, or None."""
        done = self.git.ask(("merge-base", check_ref(one), check_ref(other)))
        return done.text.split("\n")[0] or None if done.code == 0 else None

    def changed(self, one: str, other: str) -> set[str]:
        """Return the paths, from the top of the repository, that differ between two commits."""
        arguments = ("diff-tree", "-r", "--no-renames", "--name-only", "-z", one, other)
        return set(self.git.run(arguments).out.decode(errors="replace").split("\0")) - {""}

    def remember(self, name: str, tree: str) -> None:
        """Keep a tree under a name that this worktree alone sees; best effort."""
        self.git.ask(("update-ref", f"{_REMEMBERED}{check_branch(name)}", tree))

    def remembered(self, name: str) -> str | None:
        """Return the tree that was kept under a name, or None."""
        done = self.git.ask(
            ("rev-parse", "--verify", "--quiet", f"{_REMEMBERED}{check_branch(name)}")
        )
        return done.text or None if done.code == 0 else None

    def shallow(self) -> bool:
        """Tell whether the clone lacks history."""
        return self.git.run(("rev-parse", "--is-shallow-repository")).text == "true"

    def is_ancestor(self, old: str, new: str) -> bool:
        """Tell whether a commit is in the history of another one."""
        return self.git.ask(("merge-base", "--is-ancestor", old, new)).code == 0

    def default_branch(self) -> str | None:
        """Return the ref of the remote's default branch, as far as it is known here."""
        done = self.git.ask(("symbolic-ref", "--quiet", f"refs/remotes/{self.remote}/HEAD"))
        return done.text if done.code == 0 else None

    def head_branch(self) -> str | None:
        """Return the ref that is checked out, or None on a detached head."""
        done = self.git.ask(("symbolic-ref", "--quiet", "HEAD"))
        return done.text if done.code == 0 else None

    def checked_out(self) -> set[str]:
        """Return the branches that some worktree has checked out."""
        lines = self.git.run(("worktree", "list", "--porcelain")).text.split("\n")
        return {line[18:] for line in lines if line.startswith("branch refs/heads/")}

    def left_out(self, folder: str) -> list[str]:
        """Return the files of a folder that a sparse checkout leaves out, relative to it."""
        done = self.git.run(("ls-files", "-t", "-z", "--", folder))
        entries = (entry for entry in done.out.split(b"\0") if entry.startswith(b"S "))
        return [entry[2:].decode(errors="replace").removeprefix(f"{folder}/") for entry in entries]

    def subject(self, commit: str) -> str:
        """Return the first line of a commit's message."""
        return self.git.run(("log", "-1", "--format=%s", commit)).text

    def address(self) -> str:
        """Return the remote's address.

        Raises:
            GitError: if there is no such remote.
        """
        done = self.git.ask(("remote", "get-url", "--push", "--", self.remote))
        if done.code:
            what = f"The repository has no remote `{self.remote}`."
            raise GitError(what, f"Add it: `git remote add {self.remote} ADDRESS`.")
        return done.text

    def identity(self) -> Author:
        """Return who git says is working here.

        Raises:
            GitError: if git does not know.
        """
        found = [self.git.ask(("config", "--get", f"user.{key}")).text for key in Author._fields]
        if not all(found):
            what = "Git does not know who you are."
            raise GitError(what, "Say `git config user.name` and `user.email`, or give --author.")
        return Author(*found)

    def files(self, commit: str, folder: str, wanted: Callable[[str], bool]) -> dict[str, bytes]:
        """Return the wanted files of a folder of the project in a commit.

        Raises:
            RegistryError: if a link or another repository lies there, or a file is too large.
        """
        top = self.prefix + folder
        done = self.git.run(("ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", top))
        blobs = dict(_entries(done.out, top, wanted))
        return dict(zip(blobs, self._contents(list(blobs.values())), strict=True))

    def content_of(self, blob: str) -> bytes | None:
        """Return the content of a hash, or None if it is not stored."""
        done = self.git.ask(("cat-file", "blob", check_id(blob)))
        return done.out if done.code == 0 else None

    def tree_with(self, parent: str, files: Mapping[str, bytes | None]) -> str:
        """Store a commit's tree with some of the project's files changed, and return it."""
        lines = []
        for path, content in files.items():
            place = f"{self.prefix}{path}".encode()
            blob = "0" * len(parent) if content is None else self._store(content)
            mode = "0" if content is None else "100644"
            lines.append(f"{mode} {blob}\t".encode() + place + b"\0")
        with tempfile.TemporaryDirectory(prefix="weir-save-") as folder:
            extra = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self.git.run(("read-tree", parent), extra=extra)
            told = b"".join(lines)
            self.git.run(("update-index", "-z", "--index-info"), stdin=told, extra=extra)
            return self.git.run(("write-tree",), extra=extra).text

    def commit(self, tree: str, parent: str, message: str, author: Author) -> str:
        """Store a commit and return it. No branch has it yet."""
        extra = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", author.name), ("EMAIL", author.email), *self._date())
        }
        arguments = ("commit-tree", "--no-gpg-sign", "-p", parent, "-F", "-", tree)
        return self.git.run(arguments, stdin=message.encode(), extra=extra).text

    def move(self, branch: str, new: str, old: str | None) -> bool:
        """Set a branch if it still is where it was seen; tell whether it was.

        Raises:
            GitError: if a branch of this name cannot be.
        """
        ref = f"refs/heads/{check_branch(branch)}"
        arguments = ("update-ref", "-m", "weir events save", "--no-deref", ref, new, old or "")
        done = self.git.ask(arguments)
        if "cannot create" in done.said and "exists" in done.said:
            what = f"There can be no branch `{branch}`: {done.said.strip()}"
            raise GitError(what, "Rename the branch that stands in the way, or name another one.")
        if done.code and not any(sign in done.said for sign in ("cannot lock ref", "Unable to")):
            raise failed("update-ref", done)
        return done.code == 0

    def branches(self, stem: str) -> list[Branch]:
        """Return the branches, here and known of the remote, whose name begins so."""
        form = "--format=%(refname)%00%(objectname)%00%(tree)"
        tops = (f"refs/heads/{stem}", f"refs/remotes/{self.remote}/{stem}")
        done = self.git.run(("for-each-ref", form, *(f"{top}*" for top in tops)))
        lines = (line.split("\0") for line in done.text.split("\n") if line)
        return [Branch(stem + ref.partition(stem)[2], at, tree) for ref, at, tree in lines]

    def fetch(self, branch: str) -> str | None:
        """Get a branch of the remote and return its commit, or None if there is none."""
        tracked = f"refs/remotes/{self.remote}/{check_branch(branch)}"
        spec = f"+refs/heads/{branch}:{tracked}"
        arguments = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", self.remote)
        for _ in range(_TRIES):
            done = self.git.ask((*arguments, spec), network=True)
            if done.code == 0:
                return self.commit_of(tracked)
            if "couldn't find remote ref" in done.said:
                return None
            if "cannot lock ref" not in done.said:  # another fetch is at it
                break
        self.address()
        raise failed("fetch", done)

    def push(self, branch: str, new: str, old: str | None) -> bool:
        """Set a branch of the remote if it still is where it was seen; tell whether it was.

        Raises:
            GitError: if the remote does not take it for another reason.
        """
        ref = f"refs/heads/{check_branch(branch)}"
        lease = f"--force-with-lease={ref}:{old or ''}"  # `new` is made on `old`: nothing is forced
        arguments = ("push", "--porcelain", "--no-verify", lease, "--", self.remote, f"{new}:{ref}")
        done = self.git.ask(arguments, network=True)
        said = f"{done.text}\n{done.said}"
        if done.code and not any(sign in said for sign in _MOVED):
            self.address()
            raise failed("push", done._replace(said=_refusal(said)))
        return done.code == 0

    def _store(self, content: bytes) -> str:
        arguments = ("hash-object", "-w", "--no-filters", "--stdin")
        return self.git.run(arguments, stdin=content).text

    def _contents(self, blobs: list[str]) -> Iterator[bytes]:
        asked = "".join(f"{blob}\n" for blob in blobs).encode()
        out = self.git.run(("cat-file", "--batch"), stdin=asked).out if blobs else b""
        at = 0
        for _ in blobs:
            end = out.index(b"\n", at)
            size = int(out[at:end].split()[2])
            yield out[end + 1 : end + 1 + size]
            at = end + 1 + size + 1

    def _date(self) -> list[tuple[str, str]]:
        return [("DATE", self.when.isoformat())] if self.when else []


def _entries(out: bytes, top: str, wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Yield path and blob of the files that `ls-tree -l -z` lists."""
    for entry in out.split(b"\0")[:-1]:
        facts, _, place = entry.partition(b"\t")
        mode, _, blob, size = facts.decode().split()
        full = place.decode(errors="surrogateescape")
        path = PurePosixPath(full).relative_to(top).as_posix()
        if mode not in _FILE_MODES:
            what = "A link or another repository lies among the files."
            raise RegistryError(_shown(full), "", what, "Put the file itself there.")
        if wanted(path):
            if int(size) > MAX_BYTES:
                what = f"The file has {size} bytes."
                raise RegistryError(_shown(full), "", what, f"One has {MAX_BYTES} at most.")
            yield path, blob


def _shown(path: str) -> str:
    return path.encode(errors="surrogateescape").decode(errors="replace")


def _refusal(said: str) -> str:
    """Return the lines in which a remote says why it refuses."""
    lines = [line.strip() for line in said.split("\n")]
    told = [line for line in lines if line.startswith(("!", "remote:", "fatal:", "error:"))]
    return "\n".join(told) or said
