"""Proposes a pushed branch at a host: GitHub's pull requests and GitLab's merge requests, by REST.

The token goes into one header of one address, which has to be https (or this machine): never into
an address, a message or a log. Redirects are not followed. Pushing is git's own business, with
git's own credentials.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from weir import __version__
from weir.core.errors import ServiceUnavailable, UsageError, WeirError
from weir.core.settings import Settings

_SECONDS = 30.0
_ADDRESS = re.compile(
    r"^(?:[a-z+]+://)?(?:[^@/]+@)?(?:\[[^\]]+\]|[^/:]+)(?::\d+(?=/))?[/:](.+?)/?$"
)
_PROJECT = re.compile(r"^[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)+$")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LONGEST_BODY = 60_000  # GitHub takes 65,536 characters


@dataclass(frozen=True)
class Proposal:
    """A branch that is to be merged.

    Args:
        branch: what is to be merged.
        base: into what.
        title: one line.
        body: Markdown.
    """

    branch: str
    base: str
    title: str
    body: str


@dataclass(frozen=True)
class Host(ABC):
    """A host of repositories, and one project there.

    Args:
        api: address of its REST API.
        project: `owner/name`.
        token: of an account that may propose.
        transport: carries the requests; None for the network.
    """

    api: str
    project: str
    token: str
    transport: httpx.BaseTransport | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.api}, {self.project})"

    def propose(self, proposal: Proposal) -> str:
        """Make a pull request, or find the one that is open, and return its address.

        Raises:
            ServiceUnavailable: if the host does not answer.
            WeirError: if it refuses.
        """
        with self._client() as client:
            answer = self._ask(client, "POST", self._path(), json=self._request(proposal))
            if self._exists(answer):
                return self._open_one(client, proposal)
            return str(_checked(answer, self.project)[self._address_key()])

    @abstractmethod
    def _headers(self) -> Mapping[str, str]: ...

    @abstractmethod
    def _path(self) -> str: ...

    @abstractmethod
    def _request(self, proposal: Proposal) -> dict[str, str | bool]: ...

    @abstractmethod
    def _query(self, proposal: Proposal) -> dict[str, str]: ...

    @abstractmethod
    def _exists(self, answer: httpx.Response) -> bool: ...

    @abstractmethod
    def _address_key(self) -> str: ...

    def _open_one(self, client: httpx.Client, proposal: Proposal) -> str:
        answer = self._ask(client, "GET", self._path(), params=self._query(proposal))
        found = _checked(answer, self.project)
        if not found:
            what = f"The host says that `{proposal.branch}` is proposed already, and lists nothing."
            raise WeirError(what, "Look for it at the host: it may be against another base.")
        return str(found[0][self._address_key()])

    def _client(self) -> httpx.Client:
        headers = {"User-Agent": f"weir/{__version__}", **self._headers()}
        return httpx.Client(
            base_url=self.api, headers=headers, timeout=_SECONDS, transport=self.transport
        )

    def _ask(self, client: httpx.Client, method: str, path: str, **what: Any) -> httpx.Response:
        try:
            return client.request(method, path, **what)
        except httpx.HTTPError as error:
            said = f"{self.api} does not answer: {type(error).__name__}."
            remedy = "The branch is pushed. Save again to propose it, or propose it at the host."
            raise ServiceUnavailable(said, remedy) from None


class GitHub(Host):
    """Pull requests of github.com or GitHub Enterprise."""

    def _headers(self) -> Mapping[str, str]:
        return {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }

    def _path(self) -> str:
        return f"repos/{self.project}/pulls"

    def _request(self, proposal: Proposal) -> dict[str, str | bool]:
        return {
            "title": proposal.title,
            "head": proposal.branch,
            "base": proposal.base,
            "body": proposal.body[:_LONGEST_BODY],
        }

    def _query(self, proposal: Proposal) -> dict[str, str]:
        owner = self.project.split("/")[0]
        return {"state": "open", "head": f"{owner}:{proposal.branch}", "base": proposal.base}

    def _exists(self, answer: httpx.Response) -> bool:
        return answer.status_code == 422 and "already exists" in answer.text

    def _address_key(self) -> str:
        return "html_url"


class GitLab(Host):
    """Merge requests of gitlab.com or one's own GitLab."""

    def _headers(self) -> Mapping[str, str]:
        return {"PRIVATE-TOKEN": self.token}

    def _path(self) -> str:
        return f"projects/{quote(self.project, safe='')}/merge_requests"

    def _request(self, proposal: Proposal) -> dict[str, str | bool]:
        return {
            "source_branch": proposal.branch,
            "target_branch": proposal.base,
            "title": proposal.title,
            "description": proposal.body[:_LONGEST_BODY],
            "remove_source_branch": True,
        }

    def _query(self, proposal: Proposal) -> dict[str, str]:
        branches = {"source_branch": proposal.branch, "target_branch": proposal.base}
        return {"state": "opened", **branches}

    def _exists(self, answer: httpx.Response) -> bool:
        return answer.status_code == 409

    def _address_key(self) -> str:
        return "web_url"


_HOSTS: Mapping[str, tuple[type[Host], str]] = {
    "github": (GitHub, "https://api.github.com"),
    "gitlab": (GitLab, "https://gitlab.com/api/v4"),
}


def host_of(settings: Settings, address: str, transport: httpx.BaseTransport | None = None) -> Host:
    """Return the host that the settings name.

    Args:
        settings: of the project.
        address: the git remote's; tells the project where the settings do not.
        transport: carries the requests; None for the network.

    Raises:
        UsageError: if a setting is missing or wrong.
    """
    if not settings.git_host:
        what = "No host of pull requests is set."
        raise UsageError(what, "Set git_host to github or gitlab, and git_token_file.")
    kind, usual = _HOSTS[settings.git_host]
    api = _checked_api(settings.git_api_url or usual)
    project = settings.git_project or project_of(address)
    if not _PROJECT.fullmatch(project) or ".." in project:
        raise UsageError(f"`{project}` is no project of a host.", "Set git_project to owner/name.")
    return kind(api, project, _token(settings), transport)


def project_of(address: str) -> str:
    """Return the project that a remote's address names.

    >>> project_of("git@github.com:shop/events.git"), project_of("https://x.org/a/b/c")
    ('shop/events', 'a/b/c')
    """
    match = _ADDRESS.match(address)
    return match[1].removesuffix(".git").strip("/") if match else ""


def _checked_api(address: str) -> str:
    parts = urlsplit(address)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname or parts.username or parts.query:
        what = "git_api_url is no https address without user and query."
        raise UsageError(what, "Set it like https://github.example.com/api/v3.")
    return address


def _token(settings: Settings) -> str:
    token = settings.git_token.get_secret_value()
    if not token and settings.git_token_file is not None:
        try:
            token = settings.git_token_file.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            what = f"git_token_file {settings.git_token_file} cannot be read: {_reason(error)}."
            raise UsageError(what, "Name a file that holds the token alone.") from None
    token = token.strip()
    if not token:
        what = "There is no token for pull requests."
        raise UsageError(what, "Set git_token_file to a file that holds one.")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("The token for pull requests has characters that none has.", "Mend it.")
    return token


def _reason(error: Exception) -> str:
    return error.strerror or "no access" if isinstance(error, OSError) else "it is no plain text"


_REMEDIES = {
    401: "Give a token that is valid: git_token_file.",
    403: "Give a token that may write pull requests there, or wait if its rate is used up.",
    404: "See that git_project and git_api_url are right, and that the token may see the project.",
}


def _checked(answer: httpx.Response, project: str) -> Any:
    """Return what a host answered, or raise what it refused."""
    if answer.is_success:
        try:
            return answer.json()
        except ValueError:
            what = f"The host answered {answer.status_code} without JSON."
            raise WeirError(what, "See that git_api_url is the address of its REST API.") from None
    what = f"The host refused the pull request for {project}: {answer.status_code}{_said(answer)}."
    if answer.status_code >= 500 or answer.status_code == 429:
        raise ServiceUnavailable(what, "The branch is pushed. Save again later to propose it.")
    usual = "The branch is pushed. Mend what it names, and save again to propose it."
    raise WeirError(what, _REMEDIES.get(answer.status_code, usual))


def _said(answer: httpx.Response) -> str:
    """Return the words of a refusal: `message` and `errors` of GitHub, `message` of GitLab."""
    try:
        body = answer.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    keys = ("message", "error", "error_description", "errors")
    words = "; ".join(told for key in keys for told in _words(body.get(key)))
    return f", {words[:500]}" if words else ""


def _words(told: Any) -> list[str]:
    """Return the texts inside what a host told: a text, a list of them, or objects of them."""
    if isinstance(told, dict):
        if "message" in told:
            return _words(told["message"])
        return [f"{key}: {', '.join(_words(value))}" for key, value in told.items()]
    if isinstance(told, list):
        return [word for one in told for word in _words(one)]
    return [str(told)] if told else []
