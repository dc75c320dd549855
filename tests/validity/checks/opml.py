"""OPML 2.0 lists of subscriptions."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from tests.validity.checks.common import LANGUAGE, WEB, utf8_xml

_HEAD = {"title", "dateCreated", "dateModified", "ownerName", "ownerEmail", "ownerId"}
_OUTLINE = {"type", "text", "title", "xmlUrl", "htmlUrl", "description", "language", "category", "version"}


def check_opml(body: bytes) -> list[str]:
    """What is wrong with a list of feeds, by the specification and by what the W3C's validator knows."""
    root, problems = utf8_xml(body)
    if root.tag != "opml" or root.get("version") != "2.0":
        problems.append("InvalidOPMLVersion")
    if [child.tag for child in root] != ["head", "body"]:
        problems.append("MissingElement: head and body")
    for child in root.find("head"):
        if child.tag not in _HEAD:
            problems.append(f"UndefinedElement: {child.tag}")
        if child.tag.startswith("date"):
            parsedate_to_datetime(child.text)
    outlines = root.findall("body/outline")
    if not outlines or len(outlines) != len(list(root.find("body"))):
        problems.append("MissingElement: outline")
    for outline in outlines:
        told = dict(outline.attrib)
        if told.get("isComment") == "true":
            if len(outlines) > 1 or told.keys() != {"text", "isComment"}:
                problems.append(f"a comment beside feeds: {told}")
            continue
        problems += [f"UnexpectedAttribute: {name}" for name in told.keys() - _OUTLINE]
        problems += [f"MissingAttribute: {name}" for name in ("type", "text", "title", "xmlUrl") if not told.get(name)]
        problems += [
            f"InvalidLink: {told[name]}"
            for name in ("xmlUrl", "htmlUrl")
            if name in told and not WEB.fullmatch(told[name])
        ]
        if "language" in told and not LANGUAGE.fullmatch(told["language"]):
            problems.append(f"InvalidLanguage: {told['language']}")
    return problems
