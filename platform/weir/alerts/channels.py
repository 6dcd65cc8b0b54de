"""Sends one message by one channel. Secrets are read here, from the environment, and told nowhere.

Web addresses: https only (http on this machine alone), to the address that was checked, without
redirects and proxies, in bounded time and size. An address of a private network needs
`internal: true`; a link-local one, where clouds keep credentials, is never taken.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any, NamedTuple

import httpx
import orjson

from weir.alerts.config import Email, Slack, Webhook
from weir.alerts.outbox import Message

TIMEOUT_SECONDS = 10.0
_MAX_ANSWER = 65_536
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class NotSent(Exception):
    """A channel did not take a message.

    Args:
        why: in words, without address and secret.
        final: whether trying again cannot help.
    """

    def __init__(self, why: str, *, final: bool = False) -> None:
        self.final = final
        super().__init__(why)


class Address(NamedTuple):
    """Where to connect: the address that was checked, and the name that it was looked up by."""

    url: httpx.URL
    host: str


def send(
    channel: Slack | Webhook | Email, message: Message, link: str, environment: Mapping[str, str]
) -> None:
    """Send a message.

    Args:
        channel: by what.
        message: what.
        link: address of the Dagster run; empty if there is none.
        environment: the environment variables that hold the secrets.

    Raises:
        NotSent: if it was not taken.
    """
    if isinstance(channel, Email):
        _mail(channel, message, link, environment)
        return
    body: dict[str, Any] = as_dict(message, link)
    if isinstance(channel, Slack):
        body = {"text": _slack(text_of(message, link))}
    content = orjson.dumps(body)
    headers = {"Content-Type": "application/json"}
    if isinstance(channel, Webhook) and channel.secret_env:
        key = _secret(channel.secret_env, environment).encode()
        signed = hmac.new(key, content, hashlib.sha256).hexdigest()
        headers["X-Weir-Signature"] = f"sha256={signed}"
    address = checked(_secret(channel.url_env, environment), internal=channel.internal)
    _post(address, content, headers)


def text_of(message: Message, link: str) -> str:
    """Return a message as plain text."""
    word = {"raised": "", "repeated": "Still: ", "resolved": "Resolved: "}[message.event]
    times = f"Seen {message.seen} times." if message.seen > 1 else ""
    lines = [f"{word}{message.title}", message.text, times, link]
    return "\n".join(line for line in lines if line)


def as_dict(message: Message, link: str) -> dict[str, Any]:
    """Return a message as the JSON document that a webhook gets."""
    return {
        "id": message.id,
        "problem": message.problem,
        "event": message.event,
        "severity": message.severity,
        "title": message.title,
        "text": message.text,
        "count": message.seen,
        "at": message.at.isoformat() + "Z",
        "run": message.run,
        "link": link,
    }


def checked(text: str, *, internal: bool) -> Address:
    """Return where to connect for a web address.

    Raises:
        NotSent: if it is not allowed, or its name is not known.
    """
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise NotSent("the address is no URL", final=True) from None
    loopback = url.host in _LOOPBACK
    if url.scheme != "https" and not (url.scheme == "http" and loopback):
        raise NotSent("the address is not https", final=True)
    try:
        found = socket.getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
    except OSError:
        raise NotSent("the name of the server is not known") from None
    for _, _, _, _, place in found:
        _allow(ipaddress.ip_address(str(place[0]).partition("%")[0]), loopback or internal)
    return Address(url.copy_with(host=str(found[0][4][0])), url.host)


def _allow(address: ipaddress.IPv4Address | ipaddress.IPv6Address, internal: bool) -> None:  # noqa: FBT001
    inner = getattr(address, "ipv4_mapped", None) or address
    never = inner.is_link_local or inner.is_multicast or inner.is_unspecified
    if never or (inner.is_reserved and not inner.is_loopback):
        raise NotSent("the address is of a kind that is never taken", final=True)
    if not inner.is_global and not internal:
        raise NotSent("the address is of a private network; set `internal: true`", final=True)


def _post(address: Address, content: bytes, headers: Mapping[str, str]) -> None:
    told = {**headers, "Host": _host(address)}
    try:
        with (
            httpx.Client(
                timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False
            ) as client,
            client.stream(
                "POST", address.url, content=content, headers=told,
                extensions={"sni_hostname": address.host},
            ) as answer,
        ):  # fmt: skip
            _drain(answer)
            status = answer.status_code
    except httpx.HTTPError as error:  # its words may name the address: only its kind is told
        raise NotSent(f"no answer ({type(error).__name__})") from None
    if not 200 <= status < 300:
        refused = 300 <= status < 500 and status not in (408, 425, 429)
        raise NotSent(f"answered {status}", final=refused)


def _host(address: Address) -> str:
    port = address.url.port
    return address.host if port is None else f"{address.host}:{port}"


def _drain(answer: httpx.Response) -> None:
    """Read an answer up to a bound: it is of no interest."""
    size = 0
    for chunk in answer.iter_raw():
        size += len(chunk)
        if size > _MAX_ANSWER:
            return


def _mail(channel: Email, message: Message, link: str, environment: Mapping[str, str]) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = channel.sender, ", ".join(channel.to)
    first, _, rest = text_of(message, link).partition("\n")
    mail["Subject"] = " ".join(f"[Weir] {first}".split())[:200]
    mail["X-Weir-Problem"] = message.problem
    mail.set_content(rest or first)
    context = ssl.create_default_context()
    try:
        with _smtp(channel, context) as server:
            if channel.security == "starttls":
                server.starttls(context=context)
            if channel.username_env:
                password = _secret(channel.password_env, environment)
                server.login(_secret(channel.username_env, environment), password)
            server.send_message(mail)
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"answered {error.smtp_code}", final=error.smtp_code >= 500) from None
    except smtplib.SMTPRecipientsRefused:
        raise NotSent("every recipient was refused", final=True) from None
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"no answer ({type(error).__name__})") from None


def _smtp(channel: Email, context: ssl.SSLContext) -> smtplib.SMTP:
    if channel.security == "tls":
        return smtplib.SMTP_SSL(
            channel.host, channel.port, timeout=TIMEOUT_SECONDS, context=context
        )
    return smtplib.SMTP(channel.host, channel.port, timeout=TIMEOUT_SECONDS)


def _slack(text: str) -> str:
    """Return text as Slack wants it: its three control characters escaped, so nobody is pinged."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _secret(name: str, environment: Mapping[str, str]) -> str:
    value = environment.get(name, "")
    if not value:
        raise NotSent(f"the environment variable {name or '(none)'} is not set")
    return value
