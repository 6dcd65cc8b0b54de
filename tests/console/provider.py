"""An OpenID Connect provider on loopback that people sign in with, and that can be made to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "weir", "sesame"


@dataclass
class Double:
    """A provider; what it says in the ID token can be changed by `said`, and who signs it by `key`.

    Attributes:
        issuer: its address.
        who: subject and address of whoever signs in.
        said: claims that replace or, if None, take away the right ones.
        about: what replaces parts of its own description.
        header: of the ID token.
        codes: by code: the query of the authorization request.
    """

    issuer: str = ""
    who: tuple[str, str] = ("s-1", "ann@example.com")
    said: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    header: dict[str, str] = field(default_factory=lambda: {"alg": "RS256", "kid": "1"})
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    signs: Any = None

    def app(self) -> Starlette:
        """Return its pages."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._description),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    def reset(self) -> None:
        """Tell the truth again."""
        self.who, self.signs = ("s-1", "ann@example.com"), None
        self.header = {"alg": "RS256", "kid": "1"}
        for changed in (self.said, self.about, self.codes):
            changed.clear()

    async def _description(self, _: Request) -> Response:
        return JSONResponse({
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys", **self.about,
        })  # fmt: skip

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        """Sign in whoever comes, as a person's click at a real one would."""
        asked = dict(request.query_params)
        code = secrets.token_hex(8)
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 303)

    async def _token(self, request: Request) -> Response:
        given = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(given.get("code", ""), None)  # a code is good once
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        shown = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (asked["code_challenge"], asked["code_challenge_method"]) != (shown, "S256"):
            return JSONResponse({"error": "invalid_grant"}, 400)
        if asked["redirect_uri"] != given.get("redirect_uri"):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked)}
        )

    def _id_token(self, asked: dict[str, str]) -> str:
        subject, email = self.who
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": subject, "email": email, "email_verified": True,
            "iat": int(time.time()), "exp": int(time.time()) + 300, "nonce": asked["nonce"],
        } | self.said  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.header["alg"] == "none":
            return _unsigned(claims)
        return jwt.encode(
            self.header, claims, self.signs or self.key, algorithms=[self.header["alg"]]
        )


def _unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    encoded = (
        base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts
    )
    return ".".join([*encoded, ""])
