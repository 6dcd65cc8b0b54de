"""Sign-in by a company's provider: a double on loopback that tells the truth, and one that lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr, ValidationError

from tests.console.conftest import BASE, Clock
from tests.console.provider import CLIENT, SECRET, Double
from tests.console.served import listening, port_of, served
from weir.audit import Wanted, log_of
from weir.audit.reading import find
from weir.console.access import People, Role
from weir.console.app import create_app
from weir.console.context import Console
from weir.core.errors import SignInRefused, UsageError
from weir.core.settings import Settings


@pytest.fixture(scope="module")
def running() -> Iterator[Double]:
    taken = listening()
    double = Double(f"http://127.0.0.1:{port_of(taken)}")
    with served(double.app(), taken, lifespan="off"):
        yield double


@pytest.fixture
def provider(running: Double) -> Double:
    running.reset()
    return running


@pytest.fixture
def here(provider: Double, tmp_path: Path) -> Callable[..., Console]:
    """Make a console whose people sign in with the provider."""

    def made(**further: Any) -> Console:
        given = {
            "oidc_issuer": provider.issuer, "oidc_client_id": CLIENT,
            "oidc_client_secret": SecretStr(SECRET), "oidc_name": "Example", **further,
        }  # fmt: skip
        settings = Settings(home=tmp_path / "home", project=tmp_path, **given)
        console = Console.of(settings, Clock())
        console.people.add("ann@example.com", Role.EDITOR)
        return console

    return made


def browser(console: Console) -> TestClient:
    return TestClient(create_app(console), base_url=BASE, follow_redirects=False)


def begin(client: TestClient, to: str = "/events") -> str:
    """Go to the provider and sign in there; return the address that it sends the browser back to."""
    answer = client.get("/api/v1/session/oidc", params={"to": to})
    assert answer.status_code == 303
    return httpx.get(answer.headers["location"]).headers["location"]


def signed_in(client: TestClient) -> dict[str, Any] | None:
    person: dict[str, Any] | None = client.get("/api/v1/session").json()["person"]
    return person


def problem(answer: httpx.Response) -> str:
    assert answer.status_code == 303
    address = urlsplit(answer.headers["location"])
    assert address.path == "/sign-in"
    return parse_qs(address.query)["problem"][0]


def test_a_person_signs_in_and_goes_on_to_what_was_asked_for(here: Any) -> None:
    console = here()
    client = browser(console)
    assert client.get("/api/v1/session").json()["sign_in"]["oidc"] == "Example"
    answer = client.get(begin(client, "/models/fact/x?tab=runs"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/models/fact/x?tab=runs")
    assert signed_in(client) == {"name": "ann@example.com", "role": "editor"}
    (entry, *_) = find(log_of(console.settings), Wanted(action="console.sign_in"))
    assert (entry.name, entry.authenticated) == ("ann@example.com", "oidc")


def test_what_is_asked_of_the_provider(here: Any, provider: Double) -> None:
    asked = parse_qs(
        urlsplit(browser(here()).get("/api/v1/session/oidc").headers["location"]).query
    )
    assert {name: asked[name] for name in ("response_type", "scope", "redirect_uri", "client_id")} == {
        "response_type": ["code"], "scope": ["openid email"], "client_id": [CLIENT],
        "redirect_uri": [f"{BASE}/api/v1/session/oidc/back"],
    }  # fmt: skip
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another client": {"aud": "other"},
    "several clients, made for another": {"aud": [CLIENT, "other"], "azp": "other"},
    "over": {"exp": 1_000_000},
    "without an end": {"exp": None},
    "another sign-in's": {"nonce": "other"},
    "no sign-in's": {"nonce": None},
    "nobody's": {"sub": None},
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_an_id_token_that_is_not_for_this_sign_in_is_not_believed(
    here: Any, provider: Double, lie: dict[str, Any]
) -> None:
    provider.said.update(lie)
    client = browser(here())
    assert problem(client.get(begin(client))) == "oidc_failed"
    assert signed_in(client) is None


@pytest.mark.parametrize("how", ["unsigned", "with the client's secret", "with another key"])
def test_an_id_token_that_the_provider_did_not_sign_is_not_believed(
    here: Any, provider: Double, how: str
) -> None:
    if how == "unsigned":
        provider.header = {"alg": "none"}
    elif how == "with another key":
        provider.signs = RSAKey.generate_key(2048, {"kid": "1"})
    else:
        provider.header, provider.signs = {"alg": "HS256"}, OctKey.import_key(SECRET * 8)
    client = browser(here())
    assert problem(client.get(begin(client))) == "oidc_failed"
    assert signed_in(client) is None


def test_an_answer_is_of_one_browser_and_good_once(here: Any) -> None:
    console = here()
    victim, thief = browser(console), browser(console)
    back = begin(victim)
    assert problem(thief.get(back)) == "oidc_failed"  # it has no cookie of this sign-in
    assert problem(victim.get(back)) == "oidc_failed"  # and now it is used up
    back = begin(victim)
    assert victim.get(back).headers["location"] == "/events"
    assert problem(victim.get(back)) == "oidc_failed"


def test_an_answer_that_comes_late_or_is_another_providers_is_refused(here: Any) -> None:
    console = here()
    client = browser(console)
    back = begin(client)
    console.now.wait(minutes=11)
    assert problem(client.get(back)) == "oidc_failed"
    mixed = begin(client).partition("&iss=")[0] + "&iss=https://evil.example"
    assert problem(client.get(mixed)) == "oidc_failed"
    assert problem(client.get("/api/v1/session/oidc/back?error=access_denied")) == "oidc_failed"


def test_nobody_is_let_in_by_an_address_that_is_not_verified(here: Any, provider: Double) -> None:
    provider.said["email_verified"] = False
    client = browser(here(oidc_role="viewer"))
    assert problem(client.get(begin(client))) == "oidc_unknown"
    provider.said["email_verified"] = "true"
    assert problem(client.get(begin(client))) == "oidc_unknown"


def test_whom_nobody_let_in_is_refused_or_gets_the_role_of_the_settings(
    here: Any, provider: Double
) -> None:
    provider.who = ("s-2", "Eve@Example.com")
    console = here()
    client = browser(console)
    assert problem(client.get(begin(client))) == "oidc_unknown"
    open_to_all = Console.of(console.settings.model_copy(update={"oidc_role": "viewer"}), Clock())
    client = browser(open_to_all)
    client.get(begin(client))
    assert signed_in(client) == {"name": "eve@example.com", "role": "viewer"}
    (entry, *_) = find(log_of(console.settings), Wanted(action="people.add"))
    assert (entry.name, entry.authenticated) == ("eve@example.com", "oidc")
    provider.who = ("s-3", "ann+shop@example.com")
    client.get(begin(client))
    assert signed_in(client) == {"name": "ann+shop@example.com", "role": "viewer"}
    provider.who = ("s-4", "ann lee@example.com")
    assert problem(client.get(begin(client))) == "oidc_unknown"


def test_who_has_been_here_is_known_by_the_providers_own_name(here: Any, provider: Double) -> None:
    console = here()
    client = browser(console)
    client.get(begin(client))
    provider.who = ("s-1", "ann.lee@example.com")  # married, the same account
    client.get(begin(client))
    assert signed_in(client) == {"name": "ann@example.com", "role": "editor"}
    provider.who = ("s-9", "ann@example.com")  # somebody else has the address now
    assert problem(client.get(begin(client))) == "oidc_taken"


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/x", ""]
)
def test_nobody_is_sent_to_another_site(here: Any, to: str) -> None:
    client = browser(here())
    assert client.get(begin(client, to)).headers["location"] == "/"


def test_whoever_comes_by_another_name_of_this_machine_is_sent_to_the_consoles(here: Any) -> None:
    client = TestClient(
        create_app(here()), base_url="http://localhost:7500", follow_redirects=False
    )
    answer = client.get("/api/v1/session/oidc", params={"to": "/events"})
    assert answer.headers["location"] == f"{BASE}/api/v1/session/oidc?to=%2Fevents"


def test_a_provider_that_is_away_or_calls_itself_otherwise(here: Any, provider: Double) -> None:
    gone = here(oidc_issuer="http://127.0.0.1:9")
    assert problem(browser(gone).get("/api/v1/session/oidc")) == "oidc_away"
    for wrong in ({"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/t"}):
        provider.about.clear()
        provider.about.update(wrong)
        settings = gone.settings.model_copy(update={"oidc_issuer": provider.issuer})
        client = browser(Console.of(settings, Clock()))
        assert problem(client.get("/api/v1/session/oidc")) == "oidc_failed"


def test_without_a_provider_there_is_no_such_way(console: Console) -> None:
    answer = browser(console).get("/api/v1/session/oidc")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_oidc")


def test_settings_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="oidc_issuer"):
        Settings(home=tmp_path, project=tmp_path, oidc_issuer="http://id.example.com")
    with pytest.raises(UsageError, match="oidc_client_id"):
        Console.of(Settings(home=tmp_path, project=tmp_path, oidc_issuer="https://id.example.com"))


def test_a_subject_is_bound_to_one_person(tmp_path: Path) -> None:
    people = People(tmp_path)
    people.add("ann@example.com", Role.ADMIN)
    assert people.vouched_for("i s-1", "ann@example.com", None).role is Role.ADMIN
    people.remove("ann@example.com")
    with pytest.raises(SignInRefused):
        people.vouched_for("i s-1", "ann@example.com", None)
