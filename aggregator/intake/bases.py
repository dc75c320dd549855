"""`xml:base` within a text: addresses are made absolute before it is read as HTML, which knows no such thing."""

from __future__ import annotations

from urllib.parse import urljoin

from aggregator.intake.document import Document, Element

BASE = "{http://www.w3.org/XML/1998/namespace}base"
_ADDRESSES = ("href", "src", "cite", "poster")


def resolve_inner_bases(document: Document, item: Element, near: str) -> None:
    """Makes the addresses below an inner `xml:base` absolute. Only markup in elements of their own (XHTML) has such.

    Args:
        document: gets `changed`.
        item: whose texts are looked at.
        near: what the item's own base is relative to.
    """
    for text in item:
        if not len(text) or not any(part.get(BASE) for part in text.iterdescendants()):
            continue
        for part in text.iterdescendants():
            for name in _ADDRESSES:
                address = part.get(name)
                if address:
                    part.set(name, _joined(part, address, near))
                    document.changed = True


def _joined(element: Element, address: str, near: str) -> str:
    chain = [step.get(BASE) for step in (element, *element.iterancestors())]
    try:
        base = near
        for part in reversed([part for part in chain if part]):
            base = urljoin(base, part.strip())
        return urljoin(base, address.strip())
    except ValueError:
        return address
