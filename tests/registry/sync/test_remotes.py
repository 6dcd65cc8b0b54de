"""Pull requests at GitHub and GitLab, against a double that answers as their REST APIs do.

The answers in `recorded/` have the fields and words of the published APIs, cut to what matters.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from weir.cli.main import app
from weir.core.errors import ServiceUnavailable, UsageError, WeirError
from weir.core.settings import Settings
from weir.registry.sync.remotes import Proposal, host_of

RECORDED = Path(__file__).parent / "recorded"
TOKEN = "glpat-secret-0123"
ADDRESSES = {
    "github": "git@github.com:shop/events.git",
    "gitlab": "https://gitlab.com/group/shop/events.git",
}
PROPOSAL = Proposal("events/view_item_shop-1", "main", "Change view_item_shop: + coupon", "Body")
KINDS = pytest.mark.parametrize("kind", ["github", "gitlab"])


class Double:
    """Answers requests in order with recorded answers, and keeps the requests."""

    def __init__(self, kind: str, *names: str) -> None:
        recorded = json.loads((RECORDED / f"{kind}.json").read_text())
        self.answers = [recorded[name] for name in names]
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        headers = {"Location": answer["location"]} if "location" in answer else {}
        if "text" in answer:
            return httpx.Response(answer["status"], text=answer["text"], headers=headers)
        return httpx.Response(answer["status"], json=answer["body"], headers=headers)

    def body(self) -> Any:
        return json.loads(self.requests[0].content)


def settings(tmp_path: Path, kind: str, **given: Any) -> Settings:
    given = {"git_token": SecretStr(TOKEN), **given}
    return Settings(home=tmp_path, project=tmp_path, git_host=kind, **given)


def propose(
    tmp_path: Path, kind: str, double: Any, proposal: Proposal = PROPOSAL, **given: Any
) -> str:
    transport = httpx.MockTransport(double)
    return host_of(settings(tmp_path, kind, **given), ADDRESSES[kind], transport).propose(proposal)


def test_github_is_asked_as_its_api_wants(tmp_path):
    double = Double("github", "made")
    assert propose(tmp_path, "github", double) == "https://github.com/shop/events/pull/17"
    (request,) = double.requests
    assert (request.method, str(request.url)) == (
        "POST",
        "https://api.github.com/repos/shop/events/pulls",
    )
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Accept"] == "application/vnd.github+json"
    assert request.headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert double.body() == {
        "title": PROPOSAL.title,
        "head": PROPOSAL.branch,
        "base": "main",
        "body": "Body",
    }


def test_gitlab_is_asked_as_its_api_wants(tmp_path):
    double = Double("gitlab", "made")
    url = propose(tmp_path, "gitlab", double)
    assert url == "https://gitlab.com/group/shop/events/-/merge_requests/5"
    (request,) = double.requests
    assert request.method == "POST"
    assert request.url.raw_path == b"/api/v4/projects/group%2Fshop%2Fevents/merge_requests"
    assert request.headers["PRIVATE-TOKEN"] == TOKEN
    assert double.body() == {
        "source_branch": PROPOSAL.branch,
        "target_branch": "main",
        "title": PROPOSAL.title,
        "description": "Body",
        "remove_source_branch": True,
    }


@KINDS
def test_one_that_is_open_is_found(tmp_path, kind):
    double = Double(kind, "exists", "listed")
    assert propose(tmp_path, kind, double).endswith(("/pull/16", "/merge_requests/4"))
    asked = dict(double.requests[1].url.params)
    expected = {
        "github": {"state": "open", "head": "shop:events/view_item_shop-1", "base": "main"},
        "gitlab": {"state": "opened", "source_branch": PROPOSAL.branch, "target_branch": "main"},
    }
    assert double.requests[1].method == "GET"
    assert asked == expected[kind]


@KINDS
def test_one_that_is_open_against_another_base_is_told(tmp_path, kind):
    with pytest.raises(WeirError, match="lists nothing"):
        propose(tmp_path, kind, Double(kind, "exists", "none"))


@KINDS
@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ("invalid", WeirError, "field: base|target_branch is invalid"),
        ("unauthorized", WeirError, "git_token_file"),
        ("forbidden", WeirError, "may write pull requests"),
        ("forbidden", WeirError, "Resource not accessible|requires higher privileges"),
        ("not_found", WeirError, "git_project"),
        ("busy", ServiceUnavailable, "Save again later"),
        ("broken", ServiceUnavailable, "Save again later"),
        ("no_json", WeirError, "without JSON"),
    ],
)
def test_a_refusal_is_told_with_its_words_and_a_remedy(tmp_path, kind, answer, error, said):
    with pytest.raises(error, match=said) as raised:
        propose(tmp_path, kind, Double(kind, answer))
    assert TOKEN not in str(raised.value)


def test_words_of_any_form_are_told(tmp_path):
    def refusing(request: httpx.Request) -> httpx.Response:
        del request
        return httpx.Response(400, json={"message": {"title": ["is too long", "is odd"]}})

    with pytest.raises(WeirError, match="title: is too long, is odd"):
        propose(tmp_path, "gitlab", refusing)
    for body in ([], "text", None, {"message": 7}):
        with pytest.raises(WeirError, match="400"):
            propose(tmp_path, "gitlab", lambda _, body=body: httpx.Response(400, json=body))


@KINDS
def test_a_redirect_is_not_followed_with_the_token(tmp_path, kind):
    double = Double(kind, "moved")
    with pytest.raises(WeirError):
        propose(tmp_path, kind, double)
    assert len(double.requests) == 1


@KINDS
def test_a_host_that_does_not_answer_is_told(tmp_path, kind):
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow", request=request)

    with pytest.raises(ServiceUnavailable, match="does not answer: ReadTimeout") as raised:
        propose(tmp_path, kind, silent)
    assert TOKEN not in str(raised.value)


def test_a_long_body_is_cut_to_what_hosts_take(tmp_path):
    double = Double("github", "made")
    propose(tmp_path, "github", double, Proposal("a", "main", "T", "x" * 100_000))
    assert len(double.body()["body"]) == 60_000


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"git_host": ""}, "No host"),
        ({"git_token": SecretStr("")}, "no token"),
        ({"git_token": SecretStr("a b")}, "characters"),
        ({"git_token_file": Path("/nowhere/token"), "git_token": SecretStr("")}, "cannot be read"),
        ({"git_api_url": "http://github.example.com"}, "no https"),
        ({"git_api_url": "https://me@github.example.com"}, "no https"),
        ({"git_project": "../../etc"}, "no project"),
    ],
)
def test_wrong_settings_are_told_before_anything_is_asked(tmp_path, given, said):
    with pytest.raises(UsageError, match=said):
        host_of(settings(tmp_path, "github").model_copy(update=given), ADDRESSES["github"])


def test_the_token_may_lie_in_a_file_and_is_not_shown(tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    host = host_of(
        settings(tmp_path, "gitlab", git_token=SecretStr(""), git_token_file=file),
        ADDRESSES["gitlab"],
    )
    assert host.token == TOKEN
    assert TOKEN not in repr(host)


# From the command line, over a real socket.


@pytest.fixture
def served() -> Iterator[tuple[str, Double]]:
    """A server on this machine that answers as GitHub."""
    double = Double("github", "made", "exists", "listed", "broken")

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            content = self.rfile.read(length)
            answer = double(
                httpx.Request(self.command, f"http://here{self.path}", content=content,
                              headers=dict(self.headers.items()))
            )  # fmt: skip
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_POST = do_GET = _answer  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", double
    server.shutdown()
    server.server_close()


def test_the_command_pushes_and_proposes_and_proposes_again(
    world, remote, served, monkeypatch, tmp_path
):
    url, double = served
    token = tmp_path / "token"
    token.write_text(TOKEN)
    given = {
        **world.environment,
        "WEIR_GIT_HOST": "github",
        "WEIR_GIT_API_URL": url,
        "WEIR_GIT_PROJECT": "shop/events",
        "WEIR_GIT_TOKEN_FILE": str(token),
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    place = world.events / "shop/view_item_shop/v2.json"
    value = json.loads((world.events / "shop/view_item_shop/v1.json").read_text())
    value["properties"]["size"]["maxLength"] = 5
    place.write_text(json.dumps(value))

    def save() -> Any:
        args = ["--project", str(world.project), "--home", str(tmp_path), "events", "save"]
        return CliRunner().invoke(app, [*args, "--pull-request"])

    first = save()
    assert "pull request  https://github.com/shop/events/pull/17" in first.stdout
    body = double.body()
    assert body["head"] == "events/view_item_shop-1"
    assert world.git("rev-parse", body["head"], cwd=remote)
    assert "limit_tightened" in body["body"]
    assert "## Columns" in body["body"]
    again = save()
    assert "https://github.com/shop/events/pull/16" in again.stdout
    assert "Nothing to save" in again.stderr
    refused = save()
    assert isinstance(refused.exception, ServiceUnavailable)
