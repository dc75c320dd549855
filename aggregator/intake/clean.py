"""HTML, URLs and text of strangers made safe, once, on the way in.

HTML goes through an HTML5 parser and an allowlist; what is not on the list is not there. A URL is absolute http(s) or
it is dropped. A name or title is plain text on one line. Cleaning what is clean changes nothing.
"""

from __future__ import annotations

import html as entities
import re
import threading
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import nh3

from aggregator.intake.glance import count_words, rare_characters
from aggregator.model.entry import TextSize

HTML_DEPTH_MAX = 100
"""Nested elements. nh3 is superlinear in depth (100,000 divs: 21 s); no article that was seen nests beyond 40."""
HTML_ATTRIBUTES_MAX = 200
"""Attributes of one HTML element. nh3 is quadratic in them."""
URL_MAX = 4_096
"""Characters of a URL; a longer one is dropped."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GLOBAL = {"lang", "dir", "title"}
_PLAIN_TAGS = _names(
    "p br hr em strong b i u s small mark sub sup abbr cite code kbd samp var dfn pre span div section article aside "
    "header footer main address nav h1 h2 h3 h4 h5 h6 ul dl dt dd figure figcaption table caption colgroup thead tbody "
    "tfoot tr ruby rb rt rp rtc bdi bdo wbr details summary hgroup center tt big strike picture"
)
ATTRIBUTES: dict[str, set[str]] = {
    **{tag: set(_GLOBAL) for tag in _PLAIN_TAGS},
    "a": {*_GLOBAL, "href", "hreflang", "rel"},
    "img": {*_GLOBAL, "src", "alt", "width", "height"},
    "audio": {*_GLOBAL, "src", "controls"},
    "video": {*_GLOBAL, "src", "poster", "width", "height", "controls"},
    "source": {"src", "type"},
    "blockquote": {*_GLOBAL, "cite"},
    "q": {*_GLOBAL, "cite"},
    "ins": {*_GLOBAL, "cite", "datetime"},
    "del": {*_GLOBAL, "cite", "datetime"},
    "time": {*_GLOBAL, "datetime"},
    "ol": {*_GLOBAL, "start", "reversed", "type"},
    "li": {*_GLOBAL, "value"},
    "col": {"span"},
    "td": {*_GLOBAL, "colspan", "rowspan"},
    "th": {*_GLOBAL, "colspan", "rowspan", "scope"},
}
"""What may stand in cleaned HTML: elements and their attributes. Nothing else ever does."""

_DROPPED = _names(
    "script style template svg math iframe frame frameset noframes noembed noscript object applet embed param canvas "
    "title head form button select option optgroup datalist textarea input label fieldset legend output xmp plaintext "
    "dialog portal marquee map area link meta base slot"
)
"""Elements that go with all they hold. A form's labels without the form say nothing, and the elements of this list
that open a scope of their own in the HTML5 parser would leave markup that reads otherwise when parsed again."""
_URL_ATTRIBUTES = frozenset({"href", "src", "cite", "poster"})
_SCHEMES = {"http", "https", "mailto"}

# Controls, surrogates and non-characters: never legal in XML 1.0, and PostgreSQL refuses NUL.
# A negated class is decided at its first range for most characters: 14 times as fast as the same in the positive.
_ILLEGAL = re.compile(
    "[^\t\n\r -~\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd"
    + "".join(f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 17))
    + "]"
)
# What can make a name read as another: bidi controls, zero-width and invisible characters, tags, line separators.
# U+200C and U+200D stay between letters: Persian and Indic names are misspelt without them. So does the one that makes
# a single picture of two emoji.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_LONE_JOINER = re.compile(
    f"(?!(?<=[{_EMOJI}])\u200d[{_EMOJI}])"
    r"(?:[\u200c\u200d]+(?!\w)|(?<!\w)[\u200c\u200d]+|(?<=[A-Za-z0-9])[\u200c\u200d]+)"
)

_URL_CHARACTER = r"[A-Za-z0-9\-._~:/?#@!$&'()*+,;=]"
_PLAIN_URL = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,4})?"
    rf"(?:[/?#]{_URL_CHARACTER}*(?:%[0-9A-Fa-f]{{2}}{_URL_CHARACTER}*)*)?"
)
_URL_REFUSED = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029]|(?! )\s")
_NO_HOST = re.compile(r"https?:/*(?:[?#]|$)|https?:///", re.IGNORECASE)
_MAILTO = re.compile(r"mailto:[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+(?=\?|$)", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?|\[[0-9a-f:.]+\]")
_PATH_SAFE = "-._~:/@!$&'()*+,;=%"

# Openings less closings of elements that nest, and tags long enough for many attributes: a first look, in C.
_NESTING = re.compile(r"<(/?)(?!(?:br|hr|img|source|wbr|col|input|p|li|dt|dd|tr|td|th)\b)[a-zA-Z]", re.IGNORECASE)
_FOREIGN = re.compile(r"<(?:svg|math)", re.IGNORECASE)
_FOREIGN_OR_LONG = re.compile(r"<(?:(?=[sSſmM])(?:[sSſ][vV][gG]|[mM][aA][tT][hH])|(?=[^>]{1000})[^<>]{1000})")
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)([^>]*)>?")
# Exact on what nh3 writes: attribute values are double-quoted and hold no raw quotes.
_ANY_TAG = re.compile(r'</?[a-z][a-z0-9]*(?:\s[a-z-]+="[^"]*")*>')
_CELL_TAG = re.compile(r'<t[dh](?:\s[a-z-]+="[^"]*")*>')
_CLEAN_IMG = re.compile(r'<img((?:\s[a-z-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r'\s([a-z-]+)="([^"]*)"')
_PRE = re.compile(r"(<pre(?:\s[a-z-]+=\"[^\"]*\")*>)\n+")
_VOID = _names("br hr img source wbr col input meta link area base embed param")
_SELF_CLOSING = _names("p li dt dd tr td th thead tbody tfoot option rt rp")
BLOCK_NAMES = (
    "p|div|section|article|aside|header|footer|main|address|nav|h[1-6r]|hgroup|ul|ol|li|dl|dt|dd|figure|figcaption|"
    "table|caption|thead|tbody|tfoot|tr|blockquote|pre|details|summary|center"
)
"""Elements whose edges end a line, as a pattern."""
_BLOCK_TAG = re.compile(rf'</?(?:{BLOCK_NAMES})(?:\s[a-z-]+="[^"]*")*>')
_TRACKER_HOSTS = re.compile(
    r"https?://(?:pixel\.wp\.com|stats\.wordpress\.com/b\.gif|[a-z0-9.-]*feedsportal\.com|"
    r"feeds\.feedburner\.com/~r/|b\.scorecardresearch\.com|www\.google-analytics\.com|pixel\.quantserve\.com)"
)
_TINY = re.compile(r"\s*0*[01](?:\.0*)?(?:px)?\s*")
_HIDDEN = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|!|$))", re.I
)
# Most characters are passed at a glance; only the others are looked at closely.
_UNSEEN = re.compile(
    "[^\t\n\r -~\xa0-\xac\xae-\u034e\u0350-\u061b\u2010-\u2027\u3000-\u3163\u3165-\ud7ff]"
    f"(?<={_ILLEGAL.pattern}|[{_INVISIBLE.pattern[1:-1]}\u200c\u200d])"
)
_LONG = 200
"""Characters above which a text is quicker looked at by `rare_characters`."""
_SPACE = re.compile(r"\s+")
_FIXED_POINT_TRIES = 5
# Cleaned HTML of this shape is read back as it was written, by the rules of the HTML5 parser for "in body": blocks that
# close one another (p, headings, li, captions) hold inline elements only, a link holds no link, and neither tables nor
# anything else with rules of its own is there. Takes a twelfth of the time of parsing it once more.
# No possessive quantifiers: Python before 3.11.5 gets them wrong. Loops are unrolled, so that nothing is tried twice.
# Without a carriage return, which the parser would make a line feed: it is looked for beforehand, in half the time.
_ATTRIBUTES = r'(?:\s[a-z-]+="[^"]*")*'
_INLINE = (
    r"(?:/?(?:em|strong|b|i|u|s|small|mark|sub|sup|abbr|cite|code|kbd|samp|var|dfn|span|q|ins|del|time|bdi|bdo)|br|img)"
    + _ATTRIBUTES
)
_LINK = rf"a{_ATTRIBUTES}>[^<]*(?:<{_INLINE}>[^<]*)*</a"
_IN_LEAF = rf"[^<]*(?:<(?:{_INLINE}|{_LINK})>[^<]*)*"
_LEAF_NAMES = "p|h[1-6]|figcaption"
_SETTLED = re.compile(
    rf"(?!\ufeff)[^<]*(?:<(?:{_INLINE}|{_LINK}|hr{_ATTRIBUTES}"
    rf"|(?:{_LEAF_NAMES}){_ATTRIBUTES}>{_IN_LEAF}</(?:{_LEAF_NAMES})"
    rf"|li{_ATTRIBUTES}>{_IN_LEAF}(?:<p{_ATTRIBUTES}>{_IN_LEAF}</p>{_IN_LEAF})*</li"
    rf"|/?(?:ul|ol|blockquote|figure|div|section|article){_ATTRIBUTES})>[^<]*)*"
)
# What most summaries are: there is nothing in it to clean, and the parser writes it as it stands.
_PARAGRAPHS = re.compile(r"(?:<p>[^<>&\xa0]*</p>[ \t\n]*)+")
_ONE_PARAGRAPH = re.compile(r"<p>[^<&\r]*</p>")
# References to anything but the characters that are referred to most, all of them legal.
_ODD_REFERENCE = re.compile(r"&#(?!(?:3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-6]|1[6-9][0-9]|[2-9][0-9]{2}|8[0-9]{3});)")


def strip_illegal(text: str) -> str:
    """The text without controls (but tab and line breaks), lone surrogates and non-characters (R15)."""
    if len(text) > _LONG and _ILLEGAL.search(rare_characters(text)) is None:
        return text
    return _ILLEGAL.sub("", text)


def clean_url(url: str | None, base: str | None = None, *, mailto: bool = False) -> str | None:
    """The URL as absolute http(s) in ASCII, or None where it is anything else (P3).

    Args:
        url: as found; may be relative.
        base: what a relative one is relative to, itself absolute.
        mailto: whether a plain `mailto:` address passes too.
    Returns:
        The URL with its host in lower case (IDNA) and spaces and other characters that no URI may hold percent-encoded.
        None for other schemes, user names in the address, controls, line breaks, bidi marks and backslashes.
    """
    if not url:
        return None
    url = url.strip(" \t\r\n\f")
    if len(url) > URL_MAX:
        return None
    if _PLAIN_URL.fullmatch(url):
        return url
    if _URL_REFUSED.search(url) or _INVISIBLE.search(url) or _ILLEGAL.search(url):
        return None
    if mailto and (address := _MAILTO.match(url)):
        # The address alone: subject and body of a letter are not a stranger's to fill in.
        return address[0]
    try:
        if _NO_HOST.match(url):
            return None
        joined = urljoin(base or "", url)
        return joined if _PLAIN_URL.fullmatch(joined) else _normal_url(joined)
    except (ValueError, UnicodeError):
        return None


def _normal_url(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    host = parts.hostname.lower()
    if not host.isascii():
        host = host.encode("idna").decode("ascii").lower()
    host = f"[{host}]" if ":" in host else host
    if not _HOST.fullmatch(host):
        return None
    netloc = host if parts.port is None else f"{host}:{parts.port}"
    return urlunsplit(
        (
            parts.scheme,
            netloc,
            quote(_stray_percent(parts.path), safe=_PATH_SAFE),
            quote(_stray_percent(parts.query), safe=_PATH_SAFE + "?"),
            quote(_stray_percent(parts.fragment), safe=_PATH_SAFE + "?"),
        )
    )


def _stray_percent(part: str) -> str:
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", part) if "%" in part else part


def clean_text(text: str | None, limit: int = 1_000, *, markup: bool = False) -> str:
    """A title or name: plain text on one line.

    Args:
        text: as found.
        limit: characters above which it is cut.
        markup: whether it is HTML, so that tags go and entities are resolved.
    Returns:
        Text without controls, bidi and invisible characters, white space collapsed; may be empty.
    """
    if not text:
        return ""
    text = text[: limit * 8]
    if markup and ("<" in text or "&" in text):
        text = text_of(_sanitise(_bounded(text), None))
    return tidy(text)[:limit].rstrip()


def tidy(text: str) -> str:
    """Plain text on one line, without what is invisible."""
    text = single_spaced(text)
    if text.isprintable() if text.isascii() else all_is_seen(text):
        return text
    return single_spaced(unseen_removed(strip_illegal(text)))


def single_spaced(text: str) -> str:
    """The text without white space at its ends, and with one space for every other run of it."""
    text = text.strip()
    # No white space is printable but the space. To look takes a tenth of the time of taking all words apart.
    return text if text.isprintable() and "  " not in text else " ".join(text.split())


def all_is_seen(text: str, rare: str | None = None) -> bool:
    """Whether nothing in a text is invisible or a control: to look once is cheaper than to take it out line by line.

    Args:
        rare: its `rare_characters`, where they are at hand.
    """
    return text.isascii() or _UNSEEN.search(rare_characters(text) if rare is None else rare) is None


def unseen_removed(text: str) -> str:
    """A text without invisible characters; joiners stay where a script needs them."""
    text = _INVISIBLE.sub("", text)
    return _LONE_JOINER.sub("", text) if "\u200c" in text or "\u200d" in text else text


def escape_paragraphs(text: str) -> str:
    """Plain text as HTML: escaped, a paragraph per blank line, a break per line."""
    paragraphs = re.split(r"\n[ \t]*\n\s*", strip_illegal(text.replace("\r\n", "\n").replace("\r", "\n")).strip())
    return "".join(
        f"<p>{entities.escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs if part
    )


def clean_html(html: str | None, base: str | None = None) -> str:
    """Safe HTML: only `ATTRIBUTES`, only absolute http(s) URLs, no trackers (P1, P3, P4).

    Args:
        html: a fragment of HTML from a stranger.
        base: what its relative URLs are relative to; without one they are dropped.
    Returns:
        HTML as an HTML5 serialiser writes it. Cleaning it again gives the same.
    """
    if not html:
        return ""
    if "\r" in html:
        html = html.replace("\r\n", "\n").replace("\r", "\n")
    html = strip_illegal(html).strip()
    if not ("<" in html or "&" in html or ">" in html or "\xa0" in html):
        return html
    if html.startswith("<p>") and _PARAGRAPHS.fullmatch(html) is not None:
        return html
    cleaned = _sanitise(_bounded(html), base)
    # Some trees read otherwise once written (a link in a link, a heading in a heading whose parent was dropped): what
    # is published is parsed again by strangers, so it must be what their parser makes of it, too.
    for _ in range(_FIXED_POINT_TRIES):
        if _CLEANER.settles(cleaned):
            return cleaned
        cleaned = _sanitise(cleaned, base)
    return escape_paragraphs(text_of(cleaned))


class _Cleaner(threading.local):
    """nh3 with its lists read once (building them costs 75 µs, more than a short field takes), a copy per thread."""

    def __init__(self) -> None:
        self._base: str | None = None
        lists: dict[str, Any] = {
            "tags": set(ATTRIBUTES),
            "clean_content_tags": set(_DROPPED),
            "link_rel": None,
            "url_schemes": _SCHEMES,
            "set_tag_attribute_values": {"audio": {"controls": ""}, "video": {"controls": ""}},
        }
        with_style = {**ATTRIBUTES, "img": {*ATTRIBUTES["img"], "style"}}
        self._filtering = nh3.Cleaner(attributes=with_style, attribute_filter=self._keep, **lists)
        self._plain = nh3.Cleaner(attributes=ATTRIBUTES, **lists)

    def clean(self, html: str, base: str | None) -> str:
        self._base = base
        return self._filtering.clean(html)

    def settles(self, html: str) -> bool:
        """Whether what was cleaned reads as it is written. Attributes were looked at already: no call for each."""
        return is_settled(html) or self.reads_alike(html)

    def reads_alike(self, html: str) -> bool:
        return self._plain.clean(html) == html

    def _keep(self, tag: str, name: str, value: str) -> str | None:
        if name in _URL_ATTRIBUTES:
            if len(value) <= URL_MAX and _PLAIN_URL.fullmatch(value) is not None:
                return value  # as `clean_url` would
            return clean_url(value, self._base, mailto=tag == "a")
        if name == "rel":  # the one that says something of the text
            return "license" if "license" in value.lower().split() else None
        if name == "style":  # only of images, and only to know a tracker by it: `_image` drops the element
            return "hidden" if _HIDDEN.search(value) else None
        return value


def is_settled(html: str) -> bool:
    """Whether cleaned HTML is of a shape of which it is known that it is read as it is written."""
    return "\r" not in html and _SETTLED.fullmatch(html) is not None


_CLEANER = _Cleaner()


_REL = re.compile(r'<a(?=[\s>])((?:\s(?!rel=)[a-z-]+="[^"]*")*)\srel="license"')


def without_rel(html: str | None) -> str | None:
    """Cleaned HTML without what its links say of themselves: it was read, and is the publisher's to say, not ours."""
    return html if html is None or 'rel="license"' not in html else _REL.sub(r"<a\1", html)


def _sanitise(html: str, base: str | None) -> str:
    cleaned = _CLEANER.clean(html, base)
    if _ODD_REFERENCE.search(html) is not None:  # a reference such as `&#1;` has become a character
        cleaned = strip_illegal(cleaned)
    if (at := cleaned.find("<img")) >= 0:
        cleaned = _images_of_note(cleaned, at)
    if "<pre" in cleaned:
        # An HTML5 parser drops the first line break in `pre`, at every reading one more.
        cleaned = _PRE.sub(r"\1", cleaned)
    return cleaned.strip()


def _images_of_note(html: str, at: int) -> str:
    """The cleaned HTML with what `_image` leaves of each image, the first of which is at `at`.

    As `_CLEAN_IMG.sub` does, which takes three times as long to find them.
    """
    kept: list[str] = []
    done = 0
    while at >= 0:
        if (match := _CLEAN_IMG.match(html, at)) is not None:
            kept += [html[done:at], _image(match)]
            done = match.end()
        at = html.find("<img", max(done, at + 1))
    return "".join([*kept, html[done:]])


def _image(match: re.Match[str]) -> str:
    """The image, or nothing where it has no address or only counts readers (ruling 21)."""
    attributes = dict(_ATTRIBUTE.findall(match[1]))
    source = attributes.get("src")
    if not source or "style" in attributes or _TRACKER_HOSTS.match(source):
        return ""
    if any(_TINY.fullmatch(attributes.get(side, "")) for side in ("width", "height")):
        return ""
    return match[0]


def _bounded(html: str) -> str:
    """The HTML without tags that nest too deep or carry too many attributes for nh3 to read in reasonable time."""
    if _FOREIGN_OR_LONG.search(html) is None and _is_shallow(html):
        return html
    foreign = _FOREIGN.search(html) is not None
    depth, dropped = 0, 0

    def bound(match: re.Match[str]) -> str:
        nonlocal depth, dropped
        name = match[2].lower()
        if name in _VOID or (name in _SELF_CLOSING and not foreign):
            return _few_attributes(match)
        if match[1]:
            if dropped:
                dropped -= 1
                return ""
            depth = max(0, depth - 1)
            return match[0]
        if depth >= HTML_DEPTH_MAX:
            dropped += 1
            return ""
        depth += 1
        return _few_attributes(match)

    return _TAG.sub(bound, html)


def _is_shallow(html: str) -> bool:
    if html.count("<") <= HTML_DEPTH_MAX:
        return True
    depth = 0
    for slash in _NESTING.findall(html):
        if not slash:
            depth += 1
            if depth > HTML_DEPTH_MAX:
                return False
        elif depth:
            depth -= 1
    return html.count("=") <= 20 * HTML_ATTRIBUTES_MAX


def _few_attributes(match: re.Match[str]) -> str:
    if len(match[3]) > HTML_ATTRIBUTES_MAX and len(match[3].split()) > HTML_ATTRIBUTES_MAX:
        return f"<{match[1]}{match[2]}>"
    return match[0]


def text_of(html: str) -> str:
    """The visible text of cleaned HTML: a line per block or `<br>`, entities resolved."""
    if html.startswith("<p>") and _ONE_PARAGRAPH.fullmatch(html) is not None:
        return single_spaced(html[3:-4])
    return _lines(_flow(html).replace("\r", "\n"))


def size_of(html: str) -> TextSize:
    """How long the visible text of cleaned HTML is: words by UAX 29, characters, paragraphs (a `<br>` makes none)."""
    flow = _flow(html)
    text = _lines(flow.replace("\r", "\n"))
    paragraphs = sum(1 for part in flow.split("\n") if part and not part.isspace())
    return TextSize(words=count_words(text), chars=len(text), paragraphs=paragraphs)


def _flow(html: str) -> str:
    """The text with a line feed for each edge of a block and a carriage return for each `<br>`.

    A line break of the source is white space like any other.
    """
    html = html.replace("\n", " ")
    if "<" in html:
        html = _ANY_TAG.sub("", _CELL_TAG.sub(" ", _BLOCK_TAG.sub("\n", html.replace("<br>", "\r"))))
    return strip_illegal(entities.unescape(html)) if "&" in html else html


def _lines(text: str) -> str:
    return "\n".join([line for part in text.split("\n") if (line := single_spaced(part))])
