"""Signing in by the company's own sign-in: to the provider and back."""

from __future__ import annotations

import logging
import re
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from weir.audit import Actor, audited
from weir.console.access import Person, Role
from weir.console.access.oidc import BACK, Provider
from weir.console.access.signing_in import LASTS, Waiting
from weir.console.context import Console
from weir.console.http.errors import Refused
from weir.console.http.limits import Attempts
from weir.console.http.who import Asked, address_of, secure
from weir.console.pages.session import open_session
from weir.core.addresses import console_address
from weir.core.errors import InvalidValue, ServiceUnavailable, SignInRefused, WeirError

log = logging.getLogger(__name__)
router = APIRouter(prefix="/session/oidc", tags=["session"])
_COOKIE = "weir_signing_in"
_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\x7f]*\Z")
_attempts = Attempts(60, 60.0)


@router.get("", status_code=303, response_class=RedirectResponse)
def begin(request: Request, console: Asked, to: str = "/") -> RedirectResponse:
    """Send the browser to the provider."""
    provider = _provider(console)
    here = console_address(console.settings)
    if request.url.netloc != urlsplit(here).netloc:  # the provider sends people back there
        asked = urlencode({"to": to})
        return RedirectResponse(f"{here}{request.url.path}?{asked}", 303)
    address = address_of(request)
    _attempts.check(address)
    _attempts.failed(address)  # each one counts: it is kept until it is used or over
    try:
        begun = provider.begin()
    except (ServiceUnavailable, SignInRefused) as error:
        return _back_to_sign_in(error, to)
    answer = RedirectResponse(begun.url, 303)
    cookie = console.signing_in.keep(begun, to if _LOCAL.match(to) else "/")
    answer.set_cookie(
        _COOKIE, cookie, max_age=int(LASTS.total_seconds()), path=BACK, httponly=True,
        secure=secure(request), samesite="lax",
    )  # fmt: skip
    return answer


class Answer(BaseModel):
    """What the provider sends the browser back with."""

    code: str = Field("", max_length=4_000)
    state: str = Field("", max_length=200)
    error: str = Field("", max_length=200)
    iss: str = Field("", max_length=500)


@router.get("/back", status_code=303, response_class=RedirectResponse)
def back(request: Request, console: Asked, answer: Annotated[Answer, Query()]) -> RedirectResponse:
    """Take the provider's answer, and open a session."""
    provider = _provider(console)
    waiting = console.signing_in.take(answer.state, request.cookies.get(_COOKIE, ""))
    to = waiting.to if waiting else "/"
    try:
        person = _vouched_for(console, provider, waiting, answer)
    except (ServiceUnavailable, SignInRefused, InvalidValue) as problem:
        return _back_to_sign_in(problem, to)
    return _signed_in(request, console, person, to)


def _vouched_for(
    console: Console, provider: Provider, waiting: Waiting | None, answer: Answer
) -> Person:
    if waiting is None:
        raise SignInRefused("oidc_failed", "No sign-in of this browser waits for this answer.")
    if answer.iss and answer.iss != console.settings.oidc_issuer:
        raise SignInRefused("oidc_failed", "The answer is another provider's.")
    if answer.error or not answer.code:
        raise SignInRefused("oidc_failed", f"The provider says: {answer.error or 'no code'}.")
    claims = provider.finish(answer.code, waiting.nonce, waiting.verifier)
    role = Role(console.settings.oidc_role) if console.settings.oidc_role else None
    known = {one.name for one in console.people.all()}
    person = console.people.vouched_for(claims.subject, claims.email, role)
    if person.name not in known:
        by = Actor("person", person.name, "oidc")
        with audited(console.settings, "people.add", by=by, name=person.name, role=person.role):
            pass
    return person


def _signed_in(request: Request, console: Console, person: Person, to: str) -> RedirectResponse:
    answer = RedirectResponse(to, 303)
    address = address_of(request)
    by = Actor("person", person.name, "oidc")
    with audited(console.settings, "console.sign_in", by=by, address=address):
        open_session(request, answer, console, person)
    answer.delete_cookie(_COOKIE, path=BACK)
    return answer


def _back_to_sign_in(problem: WeirError, to: str) -> RedirectResponse:
    log.warning("Sign-in by the provider failed: %s", problem)
    away = isinstance(problem, ServiceUnavailable)
    code = "oidc_away" if away else getattr(problem, "code", "oidc_unknown")
    return RedirectResponse(f"/sign-in?{urlencode({'problem': code, 'to': to})}", 303)


def _provider(console: Console) -> Provider:
    if console.provider is None:
        raise Refused(
            404, "no_oidc", "This console has no company's sign-in.", "Sign in with a token."
        )
    return console.provider
