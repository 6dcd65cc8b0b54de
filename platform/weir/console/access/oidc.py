"""Sign-in by a company's OpenID Connect provider: the authorization code flow with PKCE.

Sources: OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3.7 (what of an ID token is verified); RFC 7636
(PKCE); RFC 9207 (`iss` in the answer, against mix-up). The flow and the signatures are authlib's and
joserfc's; this module says what is asked for and what is believed.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from weir.core.addresses import console_address, is_loopback
from weir.core.errors import ServiceUnavailable, SignInRefused, UsageError
from weir.core.settings import Settings

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signatures that are believed: asymmetric ones, so that no secret of ours could have made them."""
BACK = "/api/v1/session/oidc/back"
"""Path that the provider sends people back to."""
_SECONDS = 10.0
_LEEWAY = 60  # seconds that clocks may differ
_KEPT = 3_600.0  # seconds that what the provider says of itself is kept


@dataclass(frozen=True)
class Begun:
    """A sign-in that waits for the provider's answer.

    Attributes:
        url: where the browser goes.
        state: what the answer must repeat.
        nonce: what the ID token must repeat.
        verifier: what shows that whoever began it redeems the code (PKCE).
    """

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Claims:
    """Whom the provider vouches for.

    Attributes:
        subject: the issuer and its own, unchanging name of the person, with a space between.
        email: their address in lower case, if the provider has verified it; else ''.
    """

    subject: str
    email: str


class Provider:
    """The provider that the settings name.

    Args:
        settings: the home's, with `oidc_issuer`.
        clock: seconds, for how long the provider's own description is kept.

    Raises:
        UsageError: if there is no client id.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        if not settings.oidc_client_id:
            raise UsageError("oidc_issuer is set, oidc_client_id is not.", "Set both.")
        self._settings, self._clock = settings, clock
        self._issuer = settings.oidc_issuer
        self._told: tuple[float, dict[str, Any]] | None = None

    @property
    def name(self) -> str:
        """What the sign-in page calls it."""
        return self._settings.oidc_name or urlsplit(self._issuer).hostname or self._issuer

    def begin(self) -> Begun:
        """Return a sign-in to send a browser to.

        Raises:
            ServiceUnavailable: if the provider does not answer.
            SignInRefused: if it says of itself what cannot be right.
        """
        endpoint = self._about()["authorization_endpoint"]
        nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        with self._client() as client:
            url, state = client.create_authorization_url(
                endpoint, nonce=nonce, code_verifier=verifier
            )
        return Begun(url, state, nonce, verifier)

    def finish(self, code: str, nonce: str, verifier: str) -> Claims:
        """Return whom a code vouches for.

        Args:
            code: from the provider's answer.
            nonce: of the sign-in that was begun.
            verifier: of it, too.

        Raises:
            ServiceUnavailable: if the provider does not answer.
            SignInRefused: if the code is not redeemed, or the ID token is not for this sign-in.
        """
        about = self._about()
        with self._client() as client:
            try:
                got = client.fetch_token(
                    about["token_endpoint"],
                    code=code,
                    code_verifier=verifier,
                    grant_type="authorization_code",
                )
            except OAuthError as error:
                raise SignInRefused(
                    "oidc_failed", f"{self.name} does not redeem the code: {error}."
                ) from error
            except (httpx.HTTPError, ValueError) as error:
                raise self._away(error) from error
        return self._claims(str(got.get("id_token", "")), nonce, about)

    def _claims(self, token: str, nonce: str, about: dict[str, Any]) -> Claims:
        keys: Any = self._get(about["jwks_uri"])
        wanted = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._settings.oidc_client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            said = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
            wanted.validate(said)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise SignInRefused(
                "oidc_failed", f"The ID token of {self.name} is not believed: {error}."
            ) from error
        if said.get("azp", self._settings.oidc_client_id) != self._settings.oidc_client_id:
            raise SignInRefused(
                "oidc_failed", f"The ID token of {self.name} was made for another client."
            )
        email = said.get("email") if said.get("email_verified") is True else ""
        return Claims(f"{self._issuer} {said['sub']}", str(email or "").strip().lower())

    def _about(self) -> dict[str, Any]:
        """Return what the provider says of itself, at most an hour ago."""
        if self._told is not None and self._clock() - self._told[0] < _KEPT:
            return self._told[1]
        found = self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self._issuer:
            raise SignInRefused(
                "oidc_failed",
                f"The provider at {self._issuer} calls itself {found.get('issuer')!r}.",
                "Set oidc_issuer to exactly that, if it is right.",
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _secure(str(found.get(name, ""))):
                raise SignInRefused(
                    "oidc_failed", f"The provider's {name} is missing, or not https."
                )
        self._told = self._clock(), found
        return found

    def _get(self, url: str) -> dict[str, Any]:
        try:
            answer = httpx.get(url, timeout=_SECONDS).raise_for_status()
            found: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._away(error) from error
        if not isinstance(found, dict):
            raise SignInRefused("oidc_failed", f"{url} does not hold an object.")
        return found

    def _away(self, error: Exception) -> ServiceUnavailable:
        return ServiceUnavailable(
            f"{self.name} does not answer: {error}", "Try again; a token signs you in meanwhile."
        )

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            self._settings.oidc_client_id,
            self._secret() or None,
            scope="openid email",
            redirect_uri=f"{console_address(self._settings)}{BACK}",
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self._secret() else "none",
            timeout=_SECONDS,
        )

    def _secret(self) -> str:
        file = self._settings.oidc_client_secret_file
        if file is None:
            return self._settings.oidc_client_secret.get_secret_value()
        try:
            return file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise UsageError(
                f"oidc_client_secret_file {file} cannot be read: {error.strerror}."
            ) from error


def _secure(url: str) -> bool:
    """Tell whether nobody on the way can read what is sent to an address.

    >>> _secure("https://id.example.com/keys"), _secure("http://127.0.0.1:9/keys"), _secure("http://x/")
    (True, True, False)
    """
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
