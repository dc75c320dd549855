"""Addresses and languages against what a rule says of them: yes, no, or unknown, where a spelling leaves it open.

An address is the same over http and https, with a default port, a host in capitals, needless percent-encoding, dot
segments and a fragment (RFC 3986, 6.2). What may be the same and need not be (`www.`, a last slash) is unknown: it
never loosens, and it is never a reason to overlook a bar. So is a language tag that tells less than the rule asks (`en`
where the rule says `en-GB`). Total: odd text compares as itself.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from aggregator.rights.names import begins, fits, tag

_SCHEME = re.compile(r"(?:https?\*?|http\*|\*)?:?//", re.I)
_DEFAULT_PORT = re.compile(r":(?:80|443)?\Z")
_SLASHES = re.compile("/{2,}")
_ENCODED = re.compile(r"(?:%[0-9a-f]{2})+", re.I)
_RESERVED = frozenset(b"!#$&'()*+,/:;=?@[]%\\")
"""Octets that mean something else bare than encoded (RFC 3986, 2.2), beside what cannot be seen."""


def _decoded(match: re.Match[str]) -> str:
    """Percent-encoded octets as text, where bare and encoded mean the same."""
    try:
        text = unquote_to_bytes(match[0]).decode("utf-8")
    except UnicodeDecodeError:
        return match[0].casefold()
    return "".join(
        "".join(f"%{octet:02x}" for octet in char.encode())
        if char.isspace() or not char.isprintable() or (char.isascii() and ord(char) in _RESERVED)
        else char
        for char in text
    )


def _without_dots(path: str) -> str:
    """A path without dot segments (RFC 3986, 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[max(len(kept) - 1, 1) :]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)


def _host(written: str) -> str:
    """A host, or a glob of one, in lower-case ASCII."""
    name = _DEFAULT_PORT.sub("", written.rpartition("@")[2]).casefold().rstrip(".")
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:  # not a name that DNS could carry
        return name


@lru_cache(maxsize=16_384)  # the same addresses are asked about at every build
def plain(written: str) -> str:
    """The form in which two spellings of one address are equal; also of a glob in which `*` stands for anything."""
    text = written.strip()
    match = _SCHEME.match(text)
    if match is not None:
        text = text[match.end() :]
    text = text.partition("#")[0].replace("\\", "/")
    at = next((place for place, char in enumerate(text) if char in "/?"), len(text))
    name, rest = _host(text[:at]) if "*" not in text[:at] or match is not None else text[:at].casefold(), text[at:]
    path, mark, query = rest.partition("?")
    path = _without_dots(_ENCODED.sub(_decoded, path)) or ("" if name.endswith("*") else "/")
    return f"{name}{path}{mark}{_ENCODED.sub(_decoded, query)}".casefold()


@lru_cache(maxsize=16_384)
def _loose(written: str) -> str:
    """As `plain`, without what may be a difference and seldom is: `www.`, encoded, doubled and last slashes."""
    text = _SLASHES.sub("/", plain(written).removeprefix("www.").replace("%2f", "/"))
    return text.removesuffix("*").removesuffix("/") + "*" if text.endswith("/*") else text.removesuffix("/")


def addressed(glob: str, url: str) -> bool | None:
    """Whether an address fits a glob; None: in one way of reading it does, in another it does not."""
    if fits(plain(glob), plain(url)):
        return True
    return None if fits(_loose(glob), _loose(url)) or fits(glob, url) else False


# --- languages ------------------------------------------------------------------------------------------------------

_SHORT = {
    long: short
    for short, longs in {
        "ar": "ara",
        "cs": "ces cze",
        "da": "dan",
        "de": "deu ger",
        "el": "ell gre",
        "en": "eng",
        "es": "spa",
        "fi": "fin",
        "fr": "fra fre",
        "he": "iw heb",
        "hu": "hun",
        "id": "in ind",
        "it": "ita",
        "ja": "jpn",
        "ko": "kor",
        "nl": "nld dut",
        "no": "nor",
        "pl": "pol",
        "pt": "por",
        "ro": "mo ron rum",
        "ru": "rus",
        "sv": "swe",
        "tr": "tur",
        "uk": "ukr",
        "yi": "ji yid",
        "zh": "zho chi",
    }.items()
    for long in longs.split()
}
"""Codes of ISO 639-2 and retired ones, which feeds write where BCP 47 wants the short one."""
_WIDER = {"nb": "no", "nn": "no", "cmn": "zh", "yue": "zh"}
"""Languages that a macrolanguage's code covers, too."""
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*", re.A)
_NO_LANGUAGE = frozenset({"und", "mul", "mis"})


def _standard(language: str) -> str:
    first, mark, rest = tag(language).partition("-")
    return f"{_SHORT.get(first, first)}{mark}{rest}"


@lru_cache(maxsize=16_384)
def spoken(prefix: str, language: str) -> bool | None:
    """Whether a BCP 47 prefix covers a language tag; None: the tag tells too little, or is none.

    `en` covers `en-GB`. Whether `en-GB` covers `en` is unknown, as is anything about `English`.
    """
    prefix, language = _standard(prefix), _standard(language)
    if begins(prefix, language):
        return True
    if not _TAG.fullmatch(language) or language in _NO_LANGUAGE:
        return None
    wanted, *details = prefix.split("-")
    told, *known = language.split("-")
    if wanted != told:
        return None if _WIDER.get(wanted) == told or _WIDER.get(told) == wanted else False
    for detail in details:
        if detail not in known and any(len(other) == len(detail) for other in known):
            return False  # another script, or another region
    return None
