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

from aggregator.rights.names import begins, fits_parts, parts_of, tag

_SCHEME = re.compile(r"(?:https?\*?|http\*|\*)?:?//", re.I)
_DEFAULT_PORT = re.compile(r":(?:80|443)?\Z")
_SLASHES = re.compile("/{2,}")
_ENCODED = re.compile(r"(?:%[0-9a-f]{2})+", re.I)
_WORD = re.compile(r"[a-z0-9]{2,}")
_NO_WORD = frozenset({"www", "http", "https", "80", "443"})
"""What one spelling of an address may have and another not."""
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


Spellings = tuple[str, str, str]
"""An address as `plain` has it, loosely, and as written; folded."""


def spellings(url: str) -> Spellings:
    """The ways in which an address is compared with globs."""
    return plain(url), _loose(url), url.casefold()


class _Glob:
    """A glob, made ready to be compared."""

    __slots__ = ("loose", "sure", "word", "written")

    def __init__(self, glob: str) -> None:
        self.sure, self.loose, self.written = parts_of(plain(glob)), parts_of(_loose(glob)), parts_of(glob)
        words = _WORD.findall(glob.casefold()) if glob.isascii() and "%" not in glob else []
        self.word = max((word for word in words if word not in _NO_WORD), key=len, default="")
        """Stands in each spelling of each address that fits; empty: none is known."""


@lru_cache(maxsize=4_096)  # of rules, which are few and asked again and again
def _ready(glob: str) -> _Glob:
    return _Glob(glob)


def addressed(glob: str, url: Spellings) -> bool | None:
    """Whether an address fits a glob; None: in one way of reading it does, in another it does not."""
    ready = _ready(glob)
    if ready.word not in url[0] and ready.word not in url[2]:
        return False
    if fits_parts(ready.sure, url[0]):
        return True
    return None if fits_parts(ready.loose, url[1]) or fits_parts(ready.written, url[2]) else False


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
