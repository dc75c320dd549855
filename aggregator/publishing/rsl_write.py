"""Writing RSL 1.0: plain values → the bytes of a licence file."""

from __future__ import annotations

from typing import Any

from lxml import etree

from aggregator.model.rsl import MAX_AGE_DAYS, NAMESPACE, RslContent, RslDocument, RslLicense, RslPayment
from aggregator.publishing.text import legal
from aggregator.publishing.xml import child


def write_rsl(document: RslDocument) -> bytes:
    """A licence file: UTF-8, `application/rsl+xml`, RSL as the default namespace. `unread` is not written."""
    root = etree.Element(f"{{{NAMESPACE}}}rsl", nsmap={None: NAMESPACE})
    if document.max_age != MAX_AGE_DAYS:
        root.set("max-age", str(document.max_age))
    for content in document.contents:
        _content(root, content)
    etree.indent(root)
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _add(parent: Any, name: str, text: str | None = None, /, **attributes: str | None) -> Any:
    return child(parent, f"{{{NAMESPACE}}}{name}", text, **attributes)


def _content(root: Any, content: RslContent) -> None:
    node = _add(
        root,
        "content",
        server=content.server,
        encrypted="true" if content.encrypted else None,
        lastmod=content.lastmod,
    )
    node.set("url", legal(content.url))
    if content.schema:
        _add(node, "schema", content.schema)
    for kind, address in content.alternates:
        _add(node, "alternate", address, type=kind)
    for licence in content.licenses:
        _license(node, licence)
    owner = content.copyright
    if owner is not None:
        _add(node, "copyright", type=owner.kind, contactEmail=owner.email, contactUrl=owner.url)
    if content.terms:
        _add(node, "terms", content.terms)


def _license(parent: Any, licence: RslLicense) -> None:
    node = _add(parent, "license")
    for name, lists in (("permits", licence.permits), ("prohibits", licence.prohibits)):
        for terms in lists:
            _add(node, name, " ".join(terms.tokens), type=terms.kind)
    if licence.payment is not None:
        _payment(node, licence.payment)
    for report in licence.reporting:
        _add(node, "reporting", type=report.kind, profile=report.profile, endpoint=report.endpoint)
    for statement in licence.legal:
        _add(node, "legal", " ".join(statement.values), type=statement.kind)


def _payment(parent: Any, payment: RslPayment) -> None:
    node = _add(parent, "payment", type=payment.kind)
    for name, values in (("standard", payment.standards), ("custom", payment.customs)):
        for value in values:
            _add(node, name, value)
    if payment.amount:
        _add(node, "amount", payment.amount, currency=payment.currency)
    for kind in payment.accepts:
        _add(node, "accepts", type=kind)
