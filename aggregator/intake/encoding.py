"""Bytes to text, by what they are rather than by what is said of them.

Marks in the bytes are believed first (a byte order mark, the NULs of UTF-16 and UTF-32), then what can hardly be by
chance (valid UTF-8), then what header and document declare, then what a detector makes of them. Sources: RFC 7303,
3.2 and the WHATWG's Encoding Standard, which reads most names as the larger encoding that was meant.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

import webencodings

from aggregator.intake.document import RefusedError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How `<` or `{`, after white space if any, looks without a mark.
_PATTERNS = (
    (re.compile(rb"(?:[ \t\r\n]\0\0\0)*[<{\[]\0\0\0"), "utf-32-le"),
    (re.compile(rb"(?:\0\0\0[ \t\r\n])*\0\0\0[<{\[]"), "utf-32-be"),
    (re.compile(rb"(?:[ \t\r\n]\0)*[<{\[]\0"), "utf-16-le"),
    (re.compile(rb"(?:\0[ \t\r\n])*\0[<{\[]"), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
_DECLARATION = re.compile(rb"""\s*<\?xml\s[^>]{0,200}?\bencoding\s*=\s*["']?\s*([A-Za-z0-9][A-Za-z0-9._:-]{0,39})""")
_DECLARED = re.compile(r"\A\s*<\?xml\s[^>]{0,300}\?>")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9][A-Za-z0-9._:-]{0,39})", re.IGNORECASE)
# Encodings of text that Python knows, and no other codec of its own (R15: no UTF-7, no `unicode_escape`).
_TEXT_CODEC = re.compile(
    r"utf-8|ascii|cp\d+|iso8859-\d+|koi8-[rtu]|mac-(?!arabic)\w+|big5(?:hkscs)?|gb(?:2312|k|18030)|hz|euc_\w+|"
    r"shift_jis\w*|iso2022_\w+|johab|tis-620|kz1048|ptcp154"
)
_LARGER = {
    "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874", "gb2312": "gb18030",
    "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs", "iso2022_jp": "iso2022_jp_ext",
}  # fmt: skip
_ALIASES = {"windows-874": "cp874", "dos-874": "cp874", "windows-949": "cp949", "utf8mb4": "utf-8"}
_SHIFTING = frozenset({"iso2022_jp_ext", "iso2022_kr", "hz"})
"""Encodings whose bytes are all ASCII: only a declaration tells them apart from it."""
_CJK = ("gb", "euc_", "big5", "cp932", "cp949", "johab")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_FOREIGN = re.compile(rb"[^<>\x80-\xff]*[\x80-\xff][^<>]*")
_HIGH = re.compile(rb"[\x80-\xff]+")
_CHANCE_MAX = 3
"""Multi-byte sequences that may be valid UTF-8 by chance in a text of East Asia: one of more is UTF-8."""
_STRAYS = re.compile("[\udc80-\udcff]+")
# A byte that belongs to no sequence of UTF-8 is read as Windows-1252, which nearly all such bytes are.
_AS_WINDOWS = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
_CONFIDENCE_MIN = 0.2
_LOOK_MAX = 20_000
"""Bytes that the detector is shown."""


def read_text(body: bytes, content_type: str | None) -> tuple[str, str]:
    """The text of a document, and the encoding that it was read in, by Python's name.

    Raises:
        RefusedError: its bytes are no text in any encoding that is read here.
    """
    text, name, _ = read_bytes(body, content_type)
    return text, name


def read_bytes(body: bytes, content_type: str | None) -> tuple[str, str, bool]:
    """(text, encoding, whether the bytes are the text in UTF-8), the first two as `read_text` gives them."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            text = body[len(mark) :].decode(name, "replace")
            return _usable(text), name, False
    for pattern, name in _PATTERNS:
        if pattern.match(body):
            return _usable(body.decode(name, "replace")), name, False
    declared = list(_declared(body, content_type))
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return *_other(body, declared), False
    if body.isascii():
        found = next((name for name in declared if name in _SHIFTING), None) if _shifts(body) else None
        return (body.decode(found, "replace"), found, False) if found else (text, "utf-8", True)
    asian = next((name for name in declared if name.startswith(_CJK)), None)
    if asian is not None and len(_MULTIBYTE.findall(body)) <= _CHANCE_MAX:
        try:
            return body.decode(asian), asian, False
        except UnicodeDecodeError:
            return text, "utf-8", True
    return text, "utf-8", True


def as_utf8(text: str, same: bytes | None = None) -> bytes:
    """The text in UTF-8, without a declaration that says otherwise.

    Args:
        same: the text in UTF-8, where it is at hand.
    """
    data = text.encode("utf-8", "replace") if same is None else same
    declared = _DECLARED.match(text)
    if declared is None:
        return data
    return b"<?xml version='1.0' encoding='utf-8'?>" + data[len(declared[0].encode("utf-8", "replace")) :]


def _usable(text: str) -> str:
    if text.count("\ufffd") > len(text) // 10:
        raise RefusedError("its character encoding cannot be told")
    return text


def _shifts(body: bytes) -> bool:
    return b"\x1b" in body or b"~{" in body


def _declared(body: bytes, content_type: str | None) -> Iterator[str]:
    """The encodings that header and document name, the likelier first.

    The header counts for more (RFC 7303, 3.2), but for ISO-8859-1, which servers add to whatever they send.
    """
    header = _CHARSET.search(content_type or "")
    prolog = _DECLARATION.match(body[:600])
    names = [_codec(match) for match in (header and header[1], prolog and prolog[1].decode("ascii")) if match]
    known = [name for name in names if name not in {None, "ascii"}]
    if known[:1] == ["cp1252"]:
        known.reverse()
    yield from dict.fromkeys(name for name in known if name)


def _codec(label: str) -> str | None:
    """Python's name of the encoding that is meant; None for what is none, or is told by its bytes alone."""
    label = label.lower()
    label = _ALIASES.get(label, label)
    for name in (label, label.removeprefix("x-")):
        try:
            found = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        return _of_text(found)
    # What browsers know beside that, `iso-8859-8-i` and `ks_c_5601-1989` among them (Encoding Standard, 4.2).
    meant = webencodings.lookup(label)
    return _of_text(meant.codec_info.name) if meant is not None else None


def _of_text(codec: str) -> str | None:
    return _LARGER.get(codec, codec) if _TEXT_CODEC.fullmatch(codec) else None


def _other(body: bytes, declared: list[str]) -> tuple[str, str]:
    """Bytes that are no UTF-8: as declared, as UTF-8 with some bytes of another hand, or as the detector says."""
    if set(declared) <= {"utf-8", "cp1252"} and _is_of_two_hands(body):
        return body.decode("utf-8", "surrogateescape").translate(_AS_WINDOWS), "utf-8"
    for name in declared:
        if name != "utf-8" and name not in _SHIFTING:
            try:
                return body.decode(name), name
            except UnicodeDecodeError:
                if len(declared) == 1 and not _MULTIBYTE.search(body):
                    return body.decode(name, "replace"), name
    mixed = body.decode("utf-8", "surrogateescape")
    if len(_MULTIBYTE.findall(body)) >= len(mixed) - len(_STRAYS.sub("", mixed)):
        return mixed.translate(_AS_WINDOWS), "utf-8"
    name = _detected(body) or next((name for name in declared if name != "utf-8"), "cp1252")
    return body.decode(name, "replace"), name


def _is_of_two_hands(body: bytes) -> bool:
    """Whether some of a Latin text is UTF-8 and some is Windows-1252, as a template and what is put into it may be.

    Then letters that are not ASCII stand alone among ASCII in the one, as they do in no other alphabet, and are whole
    sequences in the other.
    """
    whole = single = other = 0
    for run in _HIGH.findall(body):
        try:
            run.decode()
            whole += 1
        except UnicodeDecodeError:
            single += len(run) == 1
            other += len(run) > 1
    return whole > 1 and single >= 4 * other and 4 * whole >= single


def _detected(body: bytes) -> str | None:
    """The encoding of undeclared bytes; None where the detector is not sure."""
    import chardet

    # Markup, which is the same in all of them, only makes the detector less sure.
    found = chardet.detect(b" ".join(_FOREIGN.findall(body))[:_LOOK_MAX])
    if not found["encoding"] or (found["confidence"] or 0) < _CONFIDENCE_MIN:
        return None
    name = _codec(found["encoding"])
    try:
        body.decode(name or "ascii")
    except UnicodeDecodeError:
        return None
    return name
