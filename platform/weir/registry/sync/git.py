"""Runs git as a child process that cannot surprise: no hooks, no prompts, no pager, a time limit.

The child sees a short list of environment variables. Names of refs and remotes are checked before
they become arguments, so none is taken for an option. What the commands are for is
`weir.registry.sync.repository`.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from weir.core.errors import GitError, NameRejected

LOCAL_SECONDS, NETWORK_SECONDS = 60.0, 120.0
_KEPT = frozenset(
    (
        "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK",
        "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy",
        "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SYSTEMROOT",
    )
)  # fmt: skip
_FIXED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GCM_INTERACTIVE": "never",
    "GIT_PAGER": "cat",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
_CONFIG = {
    "core.hooksPath": os.devnull,
    "core.askPass": "",
    "core.fsmonitor": "false",
    "core.quotePath": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "fetch.recurseSubmodules": "false",
    "push.recurseSubmodules": "no",
    "push.followTags": "false",
    "push.gpgSign": "false",
    "log.showSignature": "false",
    "i18n.commitEncoding": "UTF-8",
}
_BRANCH = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*$")
_REMOTE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
_REF = re.compile(r"^[A-Za-z0-9@][^\s:?*\[\\\x00-\x1f\x7f]*$")
_SECRET = re.compile(r"(?<=://)[^/@\s]+@")
_LONGEST = 200


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: bytes
    said: str

    @property
    def text(self) -> str:
        """What it wrote, without the last line end."""
        return self.out.decode(errors="replace").rstrip("\n")


@dataclass(frozen=True)
class Git:
    """Git in one folder.

    Args:
        folder: where it runs.
        environment: what the child may take its variables from; None for this process's own.
        seconds: limit of a command that stays on this machine.
        network_seconds: limit of one that does not.
    """

    folder: Path
    environment: Mapping[str, str] | None = None
    seconds: float = LOCAL_SECONDS
    network_seconds: float = NETWORK_SECONDS

    def ask(
        self,
        arguments: Sequence[str],
        *,
        stdin: bytes = b"",
        extra: Mapping[str, str] | None = None,
        network: bool = False,
    ) -> Done:
        """Run a command and return how it ended.

        Args:
            arguments: after `git`.
            stdin: what it reads.
            extra: further environment variables.
            network: whether it may wait for another machine.

        Raises:
            GitError: if git is not there, or takes too long.
        """
        limit = self.network_seconds if network else self.seconds
        try:
            child = subprocess.Popen(  # noqa: S603 - arguments are ours or checked
                ["git", *_options(), *arguments],  # noqa: S607 - found by PATH, as the user's own
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.folder,
                env=self._environment() | dict(extra or {}),
                start_new_session=True,  # no terminal: ssh cannot ask for a passphrase there
            )
        except FileNotFoundError:
            raise GitError("There is no git here.", "Install git, or mend PATH.") from None
        out, err = _outcome(child, stdin, limit, arguments[0])
        return Done(child.returncode, out, scrub(err.decode(errors="replace")))

    def run(
        self,
        arguments: Sequence[str],
        *,
        stdin: bytes = b"",
        extra: Mapping[str, str] | None = None,
        network: bool = False,
    ) -> Done:
        """Run a command that has to succeed. Arguments as for `ask`.

        Raises:
            GitError: if it fails.
        """
        done = self.ask(arguments, stdin=stdin, extra=extra, network=network)
        if done.code:
            raise failed(arguments[0], done)
        return done

    def _environment(self) -> dict[str, str]:
        given = os.environ if self.environment is None else self.environment
        return {name: given[name] for name in _KEPT if name in given} | _FIXED


def _outcome(
    child: subprocess.Popen[bytes], stdin: bytes, limit: float, command: str
) -> tuple[bytes, bytes]:
    """Return what a child wrote; end it and its own children if it takes too long."""
    with child:
        try:
            return child.communicate(stdin, timeout=limit)
        except BaseException as error:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            what = f"`git {command}` did not end within {limit:g} s."
            raise GitError(what, "See whether the remote answers, and try again.") from None


def failed(command: str, done: Done) -> GitError:
    """Return the error of a command that failed, with git's own words."""
    said = done.said.strip()[-1000:] or f"exit code {done.code}"
    for sign, remedy in _REMEDIES.items():
        if sign in said:
            return GitError(f"`git {command}` failed: {said}", remedy)
    return GitError(f"`git {command}` failed: {said}", "Mend what it names, and try again.")


_REMEDIES = {
    "dubious ownership": "Trust the folder, if you do: `git config --global --add safe.directory`.",
    "insufficient permission": "Give this user the right to write into the repository.",
    "Permission denied": "Give this user the right to write there, or a key that the remote knows.",
    "could not read Username": "Set up a credential helper or an SSH key: nobody is asked here.",
    "Authentication failed": "Set up a credential helper or an SSH key: nobody is asked here.",
    "Could not resolve host": "See whether this machine reaches the remote.",
    "transport 'file' not allowed": "Allow it, if you trust that folder: "
    "`git config protocol.file.allow always`.",
    "unable to access": "See whether this machine reaches the remote.",
}


def scrub(said: str) -> str:
    """Return git's words without the credentials that an address may hold.

    >>> scrub("unable to access 'https://me:secret@example.com/a.git/'")
    "unable to access 'https://example.com/a.git/'"
    """
    return _SECRET.sub("", said)


def is_branch(name: str) -> bool:
    """Tell whether a branch has a name that is taken here."""
    with suppress(NameRejected):
        return bool(check_branch(name))
    return False


def check_branch(name: str) -> str:
    """Return a branch's name if git takes it and it can be nothing else.

    Raises:
        NameRejected: if not.
    """
    wrong = (".." in name, name.endswith(".lock"), ".lock/" in name, "./" in name, name[-1:] == ".")
    if not _BRANCH.fullmatch(name) or len(name) > _LONGEST or any(wrong) or name == "HEAD":
        rule = "a branch is named in letters, digits, `.`, `_`, `-` and `/`"
        raise NameRejected(name[:_LONGEST], rule, "Name it like `events/view_item_shop-1`.")
    return name


def check_remote(name: str) -> str:
    """Return a remote's name if it can be nothing else.

    Raises:
        NameRejected: if not.
    """
    if not _REMOTE.fullmatch(name) or ".." in name or len(name) > _LONGEST:
        rule = "a remote is named in letters, digits, `.`, `_` and `-`"
        raise NameRejected(name[:_LONGEST], rule, "Name one that `git remote` lists.")
    return name


def check_ref(name: str) -> str:
    """Return what names a commit (a branch, tag, hash, `HEAD~1`) if it can be no option or range.

    Raises:
        NameRejected: if not.
    """
    if not _REF.fullmatch(name) or ".." in name or len(name) > _LONGEST:
        rule = "a commit is named by a branch, a tag or a hash"
        raise NameRejected(name[:_LONGEST], rule, "Name it like `origin/main`.")
    return name


def _options() -> list[str]:
    return [part for name, value in _CONFIG.items() for part in ("-c", f"{name}={value}")]
