"""Words by which texts say whose they are and what is forbidden: one table per purpose, by language.

Each line of a table is documented in `docs/provenance.md`. A phrase counts only where a whole line starts with it or is
made of it, never in running text.
"""

from __future__ import annotations

import re

_ARTICLE = r"(?:article|story|post|piece|essay|report|interview|column|op-?ed|commentary|analysis|content)"

ORIGINALLY = {
    "en": (
        rf"the original source of this {_ARTICLE} is",
        (
            rf"(?:this {_ARTICLE} )?(?:was |is |has been )?"
            r"(?:(?:originally|first|previously|initially) (?:published|posted|printed|aired)"
            r"|published (?:originally|first)|(?:originally |first )?(?:appeared|ran)(?: originally| first)?"
            r"|(?:re-?published|re-?printed|re-?posted|cross-?posted|syndicated|excerpted))"
            r"(?: here)?(?: with (?:kind )?permission)?(?: here)? (?:by|at|in|on|from|of)"
        ),
        r"original(?:ly)?(?: article| story| post| source| version)?(?: is)?(?: here)? (?:from|at|on|by)",
        r"original (?:source|article|story|publisher|publication)\s*:",
        (
            r"(?:re-?published|re-?printed|re-?posted|used|reproduced) (?:here )?(?:with|by) (?:the )?"
            r"(?:kind )?permission (?:of|from)"
        ),
        rf"this {_ARTICLE} (?:comes|came) (?:to you )?from",
        r"(?:article|story|text|report|content) (?:courtesy of|provided by|supplied by|by courtesy of)",
        r"courtesy of",
        r"the post .{1,200}? (?:first appeared|appeared first) (?:on|at|in)",
    ),
    "de": (
        (
            r"(?:(?:dieser|der) (?:artikel|beitrag|text|bericht) )?(?:ist |wurde )?"
            r"(?:ursprünglich|zuerst|erstmals|im original) (?:bei|in|im|auf|von|am [^,]{1,30} (?:bei|in|im|auf)) "
            r"(?P<late>.{2,80}?) (?:erschienen|veröffentlicht|publiziert)"
        ),
        (
            r"(?:(?:dieser|der) (?:artikel|beitrag|text|bericht) )?(?:ist |wurde |erschien )?"
            r"(?:ursprünglich|zuerst|erstmals) (?:(?:erschienen|veröffentlicht|publiziert) )?(?:bei|in|im|auf|von)"
        ),
        r"(?:originalquelle|originalartikel|erstveröffentlichung)\s*(?::|bei|in|auf|im)",
        r"mit freundlicher genehmigung (?:von|des|der)",
        r"übernommen (?:von|aus)",
    ),
    "fr": (
        (
            r"(?:cet article|ce texte|ce billet) (?:a été |est )?(?:(?:initialement|originellement|d'abord) )?"
            r"(?:publié|paru|diffusé)(?: (?:à l'origine|initialement|originellement|pour la première fois))?"
            r" (?:par|sur|dans|chez)"
        ),
        r"(?:publié|paru) (?:initialement|à l'origine|originellement|d'abord) (?:par|sur|dans|chez)",
        r"(?:initialement|originellement) (?:publié|paru) (?:par|sur|dans|chez)",
        r"(?:article |source )(?:original|originale)\s*:",
        r"(?:reproduit|republié) (?:avec l'(?:aimable )?autorisation de|de|depuis)",
    ),
    "es": (
        (
            r"(?:(?:este|el) (?:artículo|texto|reportaje) )?(?:fue |se |ha sido )?(?:publicado|publicó|apareció) "
            r"(?:originalmente|originariamente|por primera vez) (?:en|por)"
        ),
        (
            r"(?:este|el) (?:artículo|texto|reportaje) (?:fue |se )?(?:originalmente )?(?:publicado|publicó|apareció)"
            r"(?: originalmente)? (?:en|por)"
        ),
        r"originalmente publicado (?:en|por)",
        r"(?:fuente|artículo) original\s*:",
        r"(?:reproducido|republicado) (?:con (?:el )?permiso de|de|desde)",
    ),
    "pt": (
        (
            r"(?:(?:este|o) (?:artigo|texto) )?(?:foi )?(?:publicado|postado) originalmente "
            r"(?:em|no|na|por|pelo|pela)"
        ),
        r"originalmente publicado (?:em|no|na|por|pelo|pela)",
        r"(?:fonte|artigo) original\s*:",
        r"(?:reproduzido|republicado) (?:com (?:a )?permissão (?:de|do|da)|de|do|da)",
    ),
    "it": (
        (
            r"(?:(?:questo|il presente) articolo )?(?:è stato |è )?(?:originariamente |originalmente )?"
            r"(?:pubblicato|apparso)(?: (?:originariamente|originalmente|per la prima volta|in origine))?"
            r" (?:su|da|in|sul|sulla|nel)"
        ),
        r"(?:fonte|articolo) originale\s*:",
        r"(?:ripubblicato|riprodotto) (?:con (?:il )?permesso di|da)",
    ),
    "nl": (
        (
            r"(?:dit artikel (?:is|werd|verscheen) )?(?:oorspronkelijk|eerder|eerst) "
            r"(?:(?:verschenen|gepubliceerd) )?(?:in|op|bij|door)"
        ),
        r"oorspronkelijke? (?:bron|artikel)\s*:",
        r"overgenomen (?:van|uit)",
    ),
    "ru": (
        r"(?:эта )?(?:статья |материал )?(?:впервые |первоначально )(?:была |был )?опубликован[аоы]? (?:в|на)",
        r"(?:первоисточник|оригинал(?: статьи)?|источник оригинала)\s*:",
        r"перепечатано (?:из|с)(?: разрешения)?",
    ),
}
"""A line that starts so names who originated the text: sure."""

SOURCES = {
    "en": (r"(?:source|sources|via|h/t|hat tip|from|story by|by way of)\s*[:：]", r"via"),
    "de": (r"(?:quelle|quellen|via)\s*:",),
    "fr": (r"(?:source|sources|via)\s*:",),
    "es": (r"(?:fuente|fuentes|vía|via)\s*:",),
    "pt": (r"(?:fonte|fontes|via)\s*:",),
    "it": (r"(?:fonte|fonti|via)\s*:",),
    "nl": (r"(?:bron|bronnen|via)\s*:",),
    "ru": (r"(?:источник|источники)\s*:",),
}
"""A short last line that starts so may name who originated the text, or what it cites: unsure."""

_NO_MORE = r"(?:re-?publication|re-?distribution|syndication|reproduction|re-?printing|re-?posting)"

FORBIDDEN = {
    "en": (
        rf"\bnot for (?:{_NO_MORE}|reprint)\b",
        (
            r"\b(?:do|may|must|can|shall) ?not (?:be )?"
            r"(?:re-?publish|re-?print|reproduce|re-?post|re-?distribute|syndicate)(?:ed|d)?\b"
        ),
        # As the agencies write it: "may not be published, broadcast, rewritten or redistributed".
        (
            r"\b(?:may|must|can|shall) ?not be (?:[a-z-]{2,20}(?:,? (?:or|and)|,) ){0,6}"
            r"(?:published|re-?published|re-?printed|reproduced|re-?posted|re-?distributed|syndicated)\b"
        ),
        (
            rf"\b{_NO_MORE}(?: (?:or|and) \w+)?(?: of (?:this|the|any) [^.]{{1,60}}?)?(?: in whole or in part)?"
            r"(?: without [^.]{1,60}?)? (?:is |are )?(?:strictly |expressly )?"
            r"(?:prohibited|forbidden|not (?:permitted|allowed))\b"
        ),
        rf"\bno {_NO_MORE} (?:permitted|allowed|is permitted|without)\b",
        (
            r"\bno part of this (?:article|publication|work|feed|content|site) may be "
            r"(?:reproduced|re-?published|re-?printed|copied)\b"
        ),
    ),
    "de": (
        (
            r"\b(?:nachdruck|weiterverbreitung|wiederveröffentlichung|vervielfältigung)(?:,? auch auszugsweise,?)?"
            r"(?: (?:ist|sind))? (?:verboten|untersagt|nicht (?:gestattet|erlaubt))"
        ),
        r"\bnicht zur (?:veröffentlichung|weiterverbreitung|weiterveröffentlichung)\b",
        r"\bdarf nicht (?:nachgedruckt|weiterverbreitet|übernommen|wiederveröffentlicht) werden\b",
    ),
    "fr": (
        (
            r"\b(?:reproduction|republication|diffusion)(?: (?:même partielle|totale ou partielle))?"
            r"(?: est| sont)? (?:strictement )?interdite?s?\b"
        ),
        r"\bne (?:peut|doit) (?:pas )?être (?:reproduit|republié|diffusé)",
    ),
    "es": (
        r"\b(?:prohibida|queda prohibida|se prohíbe)(?: (?:su|la))? (?:reproducción|republicación|redistribución)",
        (
            r"\bno (?:se )?(?:puede|debe|permite)(?: ser)? "
            r"(?:reproducir|republicar|reproducido|republicado|la reproducción)"
        ),
    ),
    "pt": (
        r"\b(?:proibida|é proibida|fica proibida) a (?:reprodução|republicação|redistribuição)",
        r"\breprodução proibida\b",
    ),
    "it": (
        r"\b(?:vietata|è vietata) la (?:riproduzione|ripubblicazione|diffusione)",
        r"\briproduzione (?:riservata|vietata)\b",
    ),
    "nl": (r"\b(?:overname|herpublicatie|reproductie|verveelvoudiging)(?: is)? (?:verboden|niet toegestaan)\b",),
    "ru": (r"(?:перепечатка|воспроизведение|копирование)(?: материалов)?(?: \w+)? запрещен[аоы]?",),
}
"""An explicit refusal. "All rights reserved" and its translations are none."""

AGENCIES = {
    "AP": "Associated Press",
    "Associated Press": "Associated Press",
    "The Associated Press": "Associated Press",
    "Reuters": "Reuters",
    "Thomson Reuters": "Reuters",
    "AFP": "AFP",
    "Agence France-Presse": "AFP",
    "UPI": "UPI",
    "dpa": "dpa",
    "Deutsche Presse-Agentur": "dpa",
    "apa": "APA",
    "APA": "APA",
    "Keystone-SDA": "Keystone-SDA",
    "sda": "Keystone-SDA",
    "epd": "epd",
    "KNA": "KNA",
    "ANSA": "ANSA",
    "EFE": "EFE",
    "Europa Press": "Europa Press",
    "Lusa": "Lusa",
    "ANP": "ANP",
    "Belga": "Belga",
    "TASS": "TASS",
    "ТАСС": "TASS",
    "Interfax": "Interfax",
    "Интерфакс": "Interfax",
    "RIA Novosti": "RIA Novosti",
    "РИА Новости": "RIA Novosti",
    "Xinhua": "Xinhua",
    "Kyodo": "Kyodo",
    "Yonhap": "Yonhap",
    "PTI": "PTI",
    "Press Trust of India": "PTI",
    "IANS": "IANS",
    "ANI": "ANI",
    "AAP": "AAP",
    "Australian Associated Press": "AAP",
    "PA": "PA Media",
    "PA Media": "PA Media",
    "Press Association": "PA Media",
    "The Canadian Press": "The Canadian Press",
    "Canadian Press": "The Canadian Press",
    "Bloomberg": "Bloomberg",
    "Bloomberg News": "Bloomberg",
    "CNS": "CNS",
    "Inter Press Service": "Inter Press Service",
    "IPS": "Inter Press Service",
}
"""News agencies as datelines and bylines spell them, and the name by which they are known. Case counts."""

_FORBIDDEN = re.compile("|".join(phrase for phrases in FORBIDDEN.values() for phrase in phrases), re.IGNORECASE)
# Every refusal holds one of these: to look for them first takes a fiftieth of the time. A test holds it to be so.
_STEMS = (
    "publi", "pubbli", "distribu", "syndicat", "produ", "print", "post", "copied", "druck", "breit",
    "ffentlich", "vielf", "bernommen", "diffus", "overname", "veelvoudig", "печат", "воспроизв", "копиров",
)  # fmt: skip
# Letters that stand for another one where case does not count, but not in lower case.
_ODD = re.compile("[İıſ\u212a\u1c80-\u1c8a]")


def forbids(text: str) -> bool:
    """Whether a notice says in so many words that the text may not be republished.

    "Reproduction without permission is prohibited" says it, too: the permission is what a flag asks for.
    """
    if len(text) > 2_000:
        return False
    lower = text.lower()
    for stem in _STEMS:
        if stem in lower:
            break
    else:
        if text.isascii() or _ODD.search(text) is None:
            return False
    return _FORBIDDEN.search(text.replace("’", "'")) is not None
