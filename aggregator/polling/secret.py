"""Credentials of a source, from the environment or a file: read for each request, so that they can be changed."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Mapping
from pathlib import Path

from aggregator.errors import UsageError
from aggregator.model.fetched import FailureKind
from aggregator.model.source import SecretRef, Source
from aggregator.polling.failure import Failure

_SECRET_CHARS_MAX = 8_192
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


async def own_headers(source: Source, environ: Mapping[str, str], root: Path) -> dict[str, str]:
    """Request fields for the feed's own origin: the configured ones and Authorization.

    Raises:
        Failure: a secret is missing or cannot stand in a header field. Names where it should be, never what it is.
    """
    if not (source.headers or source.basic_auth or source.bearer_auth or source.cookies):
        return {}
    fields = {}
    for name, value in source.headers:
        fields[name] = await value_of(value, environ, root) if isinstance(value, SecretRef) else value
        if not (_NAME.fullmatch(name) and fields[name].isprintable()):
            raise Failure(FailureKind.PROTOCOL, f"header '{name}' of this source cannot be sent as it stands")
    if source.cookies:
        fields["Cookie"] = "; ".join(
            [f"{name}={await _cookie(name, value, environ, root)}" for name, value in source.cookies]
        )
    if source.basic_auth is not None:
        pair = await value_of(source.basic_auth, environ, root)
        if ":" not in pair:
            raise Failure(FailureKind.SECRET, f"secret {source.basic_auth} is not of the form user:password")
        fields["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
    elif source.bearer_auth is not None:
        fields["Authorization"] = "Bearer " + await value_of(source.bearer_auth, environ, root)
    return fields


async def read(ref: SecretRef, environ: Mapping[str, str], root: Path) -> str:
    """A secret of the installation itself, such as the key of a webhook's signatures.

    Raises:
        UsageError: it is missing. Names where it should be, never what it is.
    """
    try:
        return await value_of(ref, environ, root)
    except Failure as failure:
        raise UsageError(failure.detail) from failure


async def _cookie(name: str, value: SecretRef | str, environ: Mapping[str, str], root: Path) -> str:
    text = await value_of(value, environ, root) if isinstance(value, SecretRef) else value
    if not _NAME.fullmatch(name) or not text.isprintable() or any(char in text for char in ";, "):
        raise Failure(FailureKind.PROTOCOL, f"cookie '{name}' of this source cannot be sent as it stands")
    return text


async def value_of(ref: SecretRef, environ: Mapping[str, str], root: Path) -> str:
    """The secret itself.

    Raises:
        Failure: it is missing, or cannot stand in a header field.
    """
    if ref.scheme == "env":
        value = environ.get(ref.name, "")
    else:
        value = await asyncio.to_thread(_read, ref, root / ref.name)
    value = value.strip("\r\n")
    if not value:
        raise Failure(FailureKind.SECRET, f"secret {ref} is not set")
    if len(value) > _SECRET_CHARS_MAX or not value.isprintable():
        raise Failure(
            FailureKind.SECRET, f"secret {ref} holds what cannot be sent: a line break or too many characters"
        )
    return value


def _read(ref: SecretRef, path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_SECRET_CHARS_MAX + 3)
    except (OSError, ValueError) as problem:
        raise Failure(FailureKind.SECRET, f"secret {ref} cannot be read") from problem
