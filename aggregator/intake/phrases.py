"""Words by which texts say whose they are and what is forbidden: one table per purpose, by language.

Each line of a table is documented in `docs/provenance.md`. A phrase counts only where a whole line starts with it or is
made of it, never in running text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from aggregator.intake.glance import Glance

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
        r"(?:by )?courtesy of",
        r"with (?:many |special |kind )?thanks to",
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
            r"(?:(?:(?:questo|il presente) )?articolo )?(?:è stato |è )?(?:originariamente |originalmente )?"
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
    "pl": (
        (
            r"(?:(?:ten |niniejszy )?(?:artykuł|tekst|materiał|wpis) )?(?:został |został[ao] |jest |był )?"
            r"(?:pierwotnie|oryginalnie|po raz pierwszy|wcześniej) "
            r"(?:opublikowan[yoae]|ukazał[ao]? się|zamieszczon[yoa]) (?:przez|na|we?|u)"
        ),
        (
            r"(?:ten )?(?:artykuł|tekst|materiał) (?:ukazał się|opublikowan[yo]|został opublikowany) "
            r"(?:pierwotnie |oryginalnie |po raz pierwszy )?(?:na|we?|przez)"
        ),
        r"(?:oryginalne źródło|źródło oryginalne|oryginał|oryginalny artykuł|pierwodruk)\s*:",
        r"przedruk(?:owano)? (?:za zgodą|ze?|za)",
    ),
    "sv": (
        (
            r"(?:(?:denna|den här) (?:artikel|artikeln|text|texten) |artikeln |texten )?(?:är |var |har |blev )?"
            r"(?:ursprungligen|först|tidigare) (?:publicera(?:d|des|ts?)|utgiven) (?:i|på|av|hos)"
        ),
        (
            r"(?:artikeln|texten) (?:publicerades|är publicerad|var publicerad|har publicerats)"
            r"(?: ursprungligen| först)? (?:i|på|av|hos)"
        ),
        r"(?:ursprunglig källa|originalkälla|originalartikel)\s*:",
        r"(?:återpublicerad|återgiven|publiceras|publicerad) med tillstånd (?:av|från)",
    ),
    "da": (
        (
            r"(?:(?:denne artikel|artiklen|teksten) )?(?:er |var |blev )?(?:oprindeligt?|først) "
            r"(?:udgivet|bragt|publiceret|offentliggjort|trykt) (?:i|på|af|hos)"
        ),
        r"(?:oprindelig kilde|originalkilde|original artikel)\s*:",
        r"(?:genudgivet|gengivet|bragt) med tilladelse fra",
    ),
    "no": (
        (
            r"(?:(?:denne artikkelen|artikkelen|teksten|saken) )?(?:er |var |ble )?(?:opprinnelig|først) "
            r"(?:publisert|utgitt|trykt) (?:i|på|av|hos)"
        ),
        r"(?:opprinnelig kilde|originalartikkel)\s*:",
        r"(?:gjengitt|republisert|publisert) med tillatelse fra",
    ),
    "fi": (
        (
            r"(?:(?:tämä )?(?:artikkeli|teksti|juttu) )?(?:on )?(?:alun ?perin|ensimmäisen kerran) "
            r"(?:julkaistu|julkaisi|ilmestyi)(?: (?:sivustolla|lehdessä|verkkolehdessä))?"
        ),
        r"(?:alkuperäinen (?:lähde|artikkeli)|alkuperäislähde)\s*:",
    ),
    "cs": (
        (
            r"(?:(?:tento )?(?:článek|text) )?(?:byl )?(?:původně|poprvé) "
            r"(?:byl )?(?:vyšel|publikován|zveřejněn|otištěn)[oa]? (?:na|ve?|u)"
        ),
        r"(?:tento )?(?:článek|text) (?:vyšel|byl publikován) (?:původně |poprvé )?(?:na|ve?)",
        r"(?:původní zdroj|originál|původní článek)\s*:",
        r"(?:přetištěno|převzato) (?:se svolením|ze?)",
    ),
    "el": (
        (
            r"(?:(?:αυτό )?το (?:άρθρο|κείμενο)(?: αυτό)? )?δημοσιεύ[τθ]ηκε (?:αρχικά|για πρώτη φορά|πρώτα) "
            r"(?:στο|στην?|στον|από(?: το| την?)?|σε)"
        ),
        r"(?:αρχική|πρωτότυπη) πηγή\s*:",
        r"αναδημοσί(?:ευση|εύεται) (?:με άδεια )?από(?: το| την?| τον)?",
    ),
    "hu": (
        (
            r"(?:(?:ez a|az?) (?:cikk|írás) )?eredetileg (?:az? )?(?P<late_hu>.{2,80}?)"
            r"(?: (?:oldalán|lapban|portálon|című lapban|hasábjain))? jelent meg"
        ),
        r"(?:eredeti (?:forrás|cikk|megjelenés))\s*:",
    ),
    "ro": (
        (
            r"(?:(?:acest articol|articolul|textul) )?(?:a fost )?(?:publicat|apărut) "
            r"(?:ini[țţt]ial|original|pentru prima dată) (?:[îi]n|pe|de|la)"
        ),
        r"surs[aă] original[aă]\s*:",
        r"(?:preluat|republicat|reprodus) (?:de pe|din|de la|cu permisiunea)",
    ),
    "uk": (
        (
            r"(?:ця )?(?:стаття |матеріал |текст )?(?:вперше |спочатку |первісно )?(?:була |був )?"
            r"опублікован[аоий]+ (?:[ву]|на)"
        ),
        r"(?:першоджерело|оригінал(?: статті)?)\s*:",
        r"передруковано (?:із?|з|за)",
    ),
    "tr": (
        (
            r"(?:bu )?(?:makale|yazı|haber|metin) (?:ilk (?:olarak|kez|defa)|aslen|orijinal olarak) "
            r"(?P<late_tr>.{2,80}?)(?:['’]?[dt][ae]|['’]?n[dt][ae])? ya[yn]ı[mn]lan(?:dı|mıştır|mış)"
        ),
        r"(?:orijinal|özgün|asıl) (?:kaynak|makale|haber)\s*:",
    ),
    "ar": (
        (
            r"(?:(?:هذا|هذه) (?:المقال|المقالة|التقرير) )?نُ?شرت?(?: (?:هذا|هذه) (?:المقال|المقالة|التقرير))? "
            r"(?:أصلا[ًَ]?|أصلاً|في الأصل|لأول مرة|أولا[ًَ]?) (?:في|على|من)"
        ),
        r"المصدر الأصلي\s*:",
        r"نقلا?[ًَ]?ا? عن",
        r"أعيد نشره?ا? (?:بإذن من|عن)",
    ),
    "he": (
        (
            r"(?:(?:המאמר|הכתבה|הטקסט|הידיעה) )?(?:פורסם|פורסמה|הופיעה?|התפרסם|התפרסמה) (?:לראשונה|במקור) "
            r"(?:באתר|בעיתון|על ידי|ב-?)"
        ),
        r"(?:המקור|מקור ראשון|פרסום מקורי)\s*:",
        r"באדיבות",
    ),
    "ja": (
        r"(?:転載元|元記事|初出|引用元)\s*[:：]",
        (
            r"(?:この|本)(?:記事|稿|文章|コンテンツ)は、?(?:(?:もともと|最初に?|元々)、?)?(?P<late_ja>.{2,60}?)"
            r"(?:に|で|が|より|から)(?:最初に|初めて)?(?:掲載|公開|発表|配信|転載)"
        ),
    ),
    "zh": (
        r"(?:原文(?:链接|鏈接|連結|出处|出處|来源|來源)?|原载|原載|首发|首發|转载来源|轉載來源)\s*[:：]",
        (
            r"(?:本文|文章|原文|稿件)?(?:最初|首次|首先|原|最早)?"
            r"(?:发表于|發表於|刊[载載登][于於]|刊[于於]|[载載][于於]|发布于|發布於|首[发發][于於]|[转轉][载載]?自|摘自|来源于|來源於)"
            r"\s*[:：]?"
        ),
    ),
    "ko": (
        r"(?:원문|원본|최초 ?게재|원출처)\s*[:：]",
        (
            r"(?:이|본) (?:기사|글|칼럼)[은는] (?P<late_ko>.{2,60}?)"
            r"(?:에서|에) (?:처음 |최초로 |먼저 )?(?:게재|발행|보도|공개)"
        ),
    ),
}
"""A line that starts so names who originated the text: sure. Where the name stands before the verb, the group `late…`
holds it."""

SOURCES = {
    "en": (r"(?:source|sources|via|h/t|hat tip|from|story by|by way of)\s*[:：]", r"via"),
    "de": (r"(?:quelle|quellen|via)\s*:",),
    "fr": (r"(?:source|sources|via)\s*:",),
    "es": (r"(?:fuente|fuentes|vía|via)\s*:",),
    "pt": (r"(?:fonte|fontes|via)\s*:",),
    "it": (r"(?:fonte|fonti|via)\s*:",),
    "nl": (r"(?:bron|bronnen|via)\s*:",),
    "ru": (r"(?:источник|источники)\s*:",),
    "pl": (r"(?:źródł[oa]|za)\s*:",),
    "sv": (r"(?:källa|källor)\s*:",),
    "da": (r"(?:kilde|kilder)\s*:",),
    "no": (r"(?:kilde|kilder)\s*:",),
    "fi": (r"(?:lähde|lähteet)\s*:",),
    "cs": (r"(?:zdroj|zdroje)\s*:",),
    "el": (r"(?:πηγή|πηγές)\s*:",),
    "hu": (r"(?:forrás|források)\s*:",),
    "ro": (r"(?:sursa|sursă|surse)\s*:",),
    "uk": (r"(?:джерело|джерела)\s*:",),
    "tr": (r"(?:kaynak|kaynaklar)\s*:",),
    "ar": (r"(?:المصدر|المصادر)\s*:",),
    "he": (r"(?:מקור|מקורות)\s*:",),
    "ja": (r"(?:出典|出所|ソース|情報源|提供|配信元)\s*[:：]",),
    "zh": (r"(?:来源|來源|出处|出處|消息来源|稿源|信息来源)\s*[:：]",),
    "ko": (r"(?:출처|자료|제공)\s*[:：]",),
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
        (
            rf"\bno {_NO_MORE}(?:(?:,? (?:or|and|nor)|,) [a-z-]{{3,20}}){{0,5}} (?:is |are )?"
            r"(?:permitted|allowed|without)\b"
        ),
        rf"\bno {_NO_MORE}(?:(?:,? (?:or|and|nor)|,) {_NO_MORE}){{0,5}} ?(?:[.!;]|$)",
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
    "pl": (
        (
            r"\b(?:przedruk|kopiowanie|rozpowszechnianie|powielanie)(?: \w+){0,3} "
            r"(?:zabronion[ye]|wzbronion[ye]|zakazan[ye])\b"
        ),
    ),
    "sv": (r"\b(?:eftertryck|återpublicering|kopiering)(?: \w+){0,3} (?:förbjude[nt]|ej tillåte[nt])\b",),
    "da": (r"\b(?:eftertryk|gengivelse|kopiering)(?: \w+){0,3} (?:forbudt|ikke tilladt)\b",),
    "no": (r"\b(?:ettertrykk|gjengivelse|kopiering)(?: \w+){0,3} (?:forbudt|ikke tillatt)\b",),
    "fi": (r"\b(?:kopiointi|uudelleenjulkaisu|jäljentäminen)(?: \w+){0,3} kielletty(?:ä)?\b",),
    "cs": (r"\b(?:přetisk|kopírování|šíření|další publikování)(?: \w+){0,3} zakázán[oaéy]?\b",),
    "el": (r"απαγορεύεται (?:\w+ ){0,2}(?:αναδημοσίευση|αναπαραγωγή)",),
    "hu": (r"\b(?:utánközlés|másolás|sokszorosítás)\w*(?: \w+){0,3} (?:tilos|nem engedélyezett)\b",),
    "ro": (r"\b(?:reproducerea|republicarea|copierea)(?: \w+){0,3} interzis[ăa]\b",),
    "uk": (r"(?:передрук|відтворення|копіювання)(?: \w+){0,3} заборонен[оаий]+",),
    "tr": (r"\b(?:kopyalanamaz|çoğaltılamaz|yay[ıi][nm]lanamaz|alıntılanamaz)\b",),
    "ar": (r"(?:يمنع|يُمنع|يحظر|يُحظر|ممنوع) (?:إعادة )?(?:نشر|النشر|النسخ|نسخ|الاقتباس)",),
    "he": (r"אין (?:להעתיק|לפרסם|לשכפל)",),
    "ja": (r"(?:転載|複製|転用)(?:・(?:転載|複製|転用))?[をは]?(?:固く)?(?:禁止|禁じ|お断り)",),
    "zh": (r"(?:禁止|不得|严禁|嚴禁|谢绝|謝絕)(?:擅自)?(?:转载|轉載|复制|複製|转发)",),
    "ko": (r"(?:전재|복제|배포)(?: ?및 ?\w+)?[를을]? ?(?:금지|금합니다)",),
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
# Every refusal holds one of these: to look for them first takes a small part of the time. A test holds it to be so.
_STEMS = (
    "publi", "pubbli", "distribu", "syndicat", "produ", "print", "post", "copied", "druck", "breit",
    "ffentlich", "vielf", "bernommen", "diffus", "overname", "veelvoudig", "печат", "воспроизв", "копиров",
    "druk", "kopiow", "powszech", "powiel", "tryck", "tryk", "kopier", "gengiv", "gjengiv", "kopioin", "julkais",
    "jäljent", "tisk", "kopír", "šíření", "δημοσ", "παραγωγ", "közl", "másol", "sokszoros", "copier", "друк", "відтвор",
    "копіюв", "amaz", "نشر", "نسخ", "اقتباس", "העתיק", "פרסם", "שכפל", "転載", "複製",
    "転用", "转载", "轉載", "复制", "转发", "전재", "복제", "배포",
)  # fmt: skip
ODD = re.compile("[İıſ\u212a\u1c80-\u1c8a]")
"""Letters that stand for another one where case does not count, but not where it was folded."""


_RARELY = b"kvzjpbfy"
"""Letters that English, German and French seldom write, the rarer first."""
_OFTEN = "’‘“”„–—…é".encode()


def _any_of(words: Iterable[bytes]) -> bytes:
    """A pattern of many words that looks for the rarest byte of each, and only there for what stands around it.

    Takes a third of the time of words that are looked for by their first letters, a sixth of that of `a|b`.
    """
    around: dict[int, list[bytes]] = {}
    for word in words:
        # In alphabets of two bytes a letter, the second tells letters apart; marks of other texts share some.
        others = [byte for byte in word if 0x80 <= byte < 0xC0 and byte not in _OFTEN]
        rare = next((byte for byte in _RARELY if byte in word), None) or others[0]
        before, _, after = word.partition(bytes([rare]))
        look = b"(?<=" + re.escape(before + bytes([rare])) + b")" if before else b""
        around.setdefault(rare, []).append(look + re.escape(after))
    return b"|".join(
        re.escape(bytes([rare])) + b"(?:" + b"|".join(pieces) + b")" for rare, pieces in sorted(around.items())
    )


_STEM = re.compile(_any_of(stem.encode() for stem in _STEMS))


def may_forbid(text: str | Glance) -> bool:
    """Whether a refusal may stand in a text of any length: where not, it stands in none of its lines."""
    seen = Glance(text) if isinstance(text, str) else text
    return _STEM.search(seen.folded) is not None or ODD.search(seen.rare) is not None


def forbids(text: str) -> bool:
    """Whether a notice says in so many words that the text may not be republished.

    "Reproduction without permission is prohibited" says it, too: the permission is what a flag asks for.
    """
    return len(text) <= 2_000 and may_forbid(text) and _FORBIDDEN.search(text.replace("’", "'")) is not None
