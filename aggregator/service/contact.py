"""Requests of publishers and authors by the public form: to take something down, or to correct it."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from aggregator.model.decision import FlagKind
from aggregator.model.output import Flag
from aggregator.publishing.mail import one_line
from aggregator.service import post
from aggregator.service.outside import FieldsError, admit, mailbox_field, may_write_to, text_field
from aggregator.store import flag_id, outside

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.model.entry import StoredEntry
    from aggregator.publishing.credit import Templates
    from aggregator.service.world import World
    from aggregator.store import Store

KINDS = ("takedown", "correction", "other")
WORDS_MAX = 10_000
URLS_MAX = 20
_ADDRESS = re.compile(r"https?://[^\s<>\"']{3,2000}")
_BARE = re.compile(r"(?<![^\s,;(<])[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}/[^\s<>\"']{1,2000}")
"""An address as people write it, without `https://`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What is told to whoever sent a request. Nothing of what was typed is in it."""

    id: str
    found: int
    """Articles of ours that its addresses name."""
    mailed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it was typed and checked."""

    kind: str
    name: str
    publisher: str
    contact: str
    urls: tuple[str, ...]
    words: str


def read_request(given: dict[str, str], now: datetime) -> Asked:
    """A request from its form.

    Raises:
        FieldsError: fields are missing or too long.
    """
    errors: dict[str, str] = {}
    kind = given.get("kind", "")
    if kind not in KINDS:
        errors["kind"] = "Please say what you ask for."
    name = text_field(given, "name", 200, errors, needed="Who are you?")
    publisher = text_field(given, "publisher", 200, errors)
    contact = mailbox_field(given, errors, now)
    addresses = text_field(given, "urls", 20_000, errors, lines=True)
    words = text_field(given, "words", WORDS_MAX, errors, needed="Please say what it is about.", lines=True)
    urls = tuple(dict.fromkeys([*_ADDRESS.findall(f"{addresses}\n{words}"), *_BARE.findall(addresses)]))
    if len(urls) > URLS_MAX:
        errors["urls"] = f"These are more than {URLS_MAX} addresses; please send the first {URLS_MAX}, then the others."
    if errors:
        raise FieldsError(errors)
    return Asked(kind=kind, name=name, publisher=publisher, contact=contact, urls=urls, words=words)


async def receive_request(
    asked: Asked,
    address: str,
    world: World,
    store: Store,
    templates: Templates,
    now: datetime,
    language: str | None = None,
) -> Receipt:
    """Opens a flag for each article that the request names, with its words as evidence.

    Args:
        language: of the page that it was sent from: the receipt is written in it.
    Raises:
        TooOftenError: too many were sent in this hour.
        TemplateError: the receipt cannot be written; nothing is stored then.
    """
    await admit("contact", address, store, now)
    id_ = f"c-{secrets.token_hex(4)}"
    found = await _articles(asked.urls, store)
    flags = [_flag(asked, id_, stored, now) for stored in found] or [_flag(asked, id_, None, now)]
    settings = world.configuration.settings
    mails = []
    if post.can_mail(settings) and await may_write_to(asked.contact, store, now):
        mail = post.write_mail("receipt", asked.contact, language, settings, templates, id=id_, found=len(found))
        mails.append(post.outgoing(mail, f"receipt:{id_}", now))
    said = "\n".join(
        filter(None, (f"Request {id_} ({asked.kind}) of {asked.name}, {asked.contact}", *asked.urls, "", asked.words))
    )
    body_ = {
        "kind": asked.kind,
        "name": asked.name,
        "publisher": asked.publisher,
        "contact": asked.contact,
        "urls": asked.urls,
        "words": asked.words,
        "entries": [stored.key for stored in found],
    }
    await store.write(outside.receive, id_, flags, said, body_, mails, now)
    return Receipt(id=id_, found=len(found), mailed=bool(mails))


async def _articles(urls: tuple[str, ...], store: Store) -> list[StoredEntry]:
    """The stored articles that addresses name, each once: as written, and in the spellings that people paste."""
    found: dict[str, StoredEntry] = {}
    for url in urls:
        for spelling in _spellings(url):
            if stored := await store.find(spelling):
                found |= {one.key: one for one in stored}
                break
    return list(found.values())[:URLS_MAX]


def _spellings(url: str) -> list[str]:
    if "://" not in url:  # as people write addresses
        url = f"https://{url}"
    bare = urldefrag(url.rstrip(".,;)"))[0]
    plain = bare.partition("?")[0]
    made = [url, bare, *(one for base in (bare, plain) for one in (base.rstrip("/"), f"{base.rstrip('/')}/"))]
    others = [
        one.replace("https://", "http://", 1) if one.startswith("https://") else one.replace("http://", "https://", 1)
        for one in made
    ]
    return list(dict.fromkeys([*made, *others]))


def _flag(asked: Asked, id_: str, stored: StoredEntry | None, now: datetime) -> Flag:
    publisher = one_line(asked.publisher or asked.name)
    subject = f"entry:{stored.key}" if stored is not None else f"contact:{id_}"
    what = {"takedown": "asks to take this down", "correction": "asks for a correction", "other": "writes about this"}
    words = " ".join(asked.words.split())
    return Flag(
        id=flag_id(subject, publisher, FlagKind.TAKEDOWN),
        kind=FlagKind.TAKEDOWN,
        subject=subject,
        source=stored.entry.source if stored is not None else "",
        entry=stored.key if stored is not None else None,
        title=stored.entry.title if stored is not None else f"Request {id_}",
        publisher=publisher,
        contact=asked.contact,
        reason=f"{publisher} {what[asked.kind]}: {words if len(words) <= 300 else f'{words[:300]}…'}",
        rule="",
        where="/contact",
        outputs=(),
        opened_at=now,
    )
