"""The words that a plain permission in English is made of: one that holds another word is to be asked about.

Tables of restrictions are never complete; offers, on the other hand, say much the same everywhere. What narrows one (a
place, a day, a kind of text, a form to fill in) brings words of its own, and unknown never becomes allow. Names, which
are written with a capital, are no words; where one tells a place (*in Scotland*), it narrows.
"""

from __future__ import annotations

import re

from aggregator.rights.notice.credited import without_credit_lines
from aggregator.rights.notice.text import MAIL, URL

_WORDS = """
a an the this that these those and or but nor so as if when where to of in on at by for with without from into onto
under about up out back again also too then than not no any all each every both either other others another else
anyone anybody everyone everybody someone you your you're yours yourself yourselves we we're we'd us our ours it it's
its they them their theirs who which what how why there here is are be been being isn't aren't has have having do does
don't doesn't can can't cannot could may must should shall will would won't wouldn't need needs needn't want wants
wish like please just only even still always never yes long provided providing condition conditions requirement
requirements rule rules guideline guidelines following follow simple simply except unless excluding including include
includes included plus however because more most much very own per otherwise noted stated marked indicated specified
specifically explicitly expressly contrary same such well free freely welcome welcomed allow allows allowed permit
permits permitted permission permissions grant grants granted granting hereby give gives given giving make makes made
making available offer offers offered encourage encourages encouraged invite invited feel happy glad delighted pleased
proud love let lets go ahead steal help right rights use uses used using reuse reuses reused reusing re-use re-uses
re-used re-using republish republishes republished republishing republication re-publish re-published re-publishing
re-publication repost reposts reposted reposting re-post re-posted re-posting reprint reprints reprinted reprinting
reproduce reproduces reproduced reproducing reproduction cross-post cross-posts cross-posted cross-posting crosspost
copy copies copied copying share shared sharing distribute distributed distributing distribution redistribute
redistributed redistribution publish publishes published publishing publication publications run runs running carry
carries carried syndicate syndicated syndication pick picks take takes taking adopt print printed post posts posted
posting display displays displayed show shows showing appear appears appeared appearing put place placed read spread
reach transmit transmitted authorise authorised authorize authorized object objection hesitate article articles
article's story stories story's text texts content contents piece pieces work works journalism reporting report
reports material materials news item items coverage feature features essay essays information everything anything
words word writing site sites site's website websites web page pages webpage webpages blog blogs blogger bloggers
newsletter newsletters newspaper newspapers paper papers magazine magazines outlet outlets publisher publishers media
medium organisation organisations organization organizations newsroom newsrooms editor editors group groups community
communities nonprofit nonprofits non-profit non-profits not-for-profit charity charities non-commercial noncommercial
non-commercially commercial commercially internet online on-line offline platform platforms person people individual
party parties third-party third nobody parish village residents' residents journal charge charged cost costs fee fees
payment pay paying paid money gratis nothing credit credits credited crediting attribution attribute attributed
attributing author authors author's byline bylines by-line name names named naming mention mentions mentioned
acknowledge acknowledged acknowledgement acknowledging cite cited citing source sources reporter reporters reporter's
writer writers writer's journalist journalists say says came come link links linked linking hyperlink hyperlinks
hyperlinked original originals originally url address canonical copyright notice notices keep keeps keeping kept
retain retained remain remains intact unchanged unaltered unedited edit edits edited editing change changes changed
changing alter alters altered altering modify modified modifying modification modifications alteration alterations
title titles headline headlines house style length shorten shortened cut grammar spelling time top bottom end ends
beginning begin start head line lines tagline taglines bio biography logo logos pixel tracking tracker counter image
images photo photos photograph photographs picture pictures illustration illustrations graphic graphics video videos
caption captions sell sells sold selling resell resold resale separately ad ads advertising advertisement
advertisements against profit paywall behind clear clearly prominent prominently visible visibly active working direct
directly proper properly appropriate due full fully whole entire entirety complete completely part parts partially
excerpt excerpts quote quotes quoted summary verbatim email e-mail mail contact ask asks asking asked know tell write
send question questions notify inform hear reply creative commons cc by-nd by-nc by-sa by-nc-nd by-nc-sa
attribution-noderivatives attribution-noderivs attribution-noncommercial attribution-sharealike
attribution-noncommercial-noderivatives attribution-noncommercial-noderivs attribution-noncommercial-sharealike
noderivatives noderivs sharealike international unported license licenses licensed licence licences terms deed version
public domain thank thanks thrilled great sure course absolutely easy form format manner purpose purposes world
worldwide widely wide translate translated translating translation translations translator earliest hour hours day
days week weeks embargo after hold produced produce v1 v2 v3 v4 anywhere wherever whoever matter whether way ways far
wishes least together add added adding cover covered
"""
KNOWN = frozenset(_WORDS.split())
_TOKEN = re.compile(r"[\w§]+(?:['’-][\w§]+)*['’]?")
_PLACE = frozenset({"in", "within", "across", "outside", "inside", "throughout", "for", "around"})


def has_strange_words(text: str) -> bool:
    """Whether a sentence in English holds a word that is none of those of plain permissions.

    Args:
        text: as it stands in the notice.
    """
    text = URL.sub(" §url ", MAIL.sub(" §mail ", without_credit_lines(text)))
    before = ""
    for place, match in enumerate(_TOKEN.finditer(text)):
        token = match[0].replace("’", "'")
        word = token.lower().rstrip("'")
        is_known = word in KNOWN or word.removesuffix("'s") in KNOWN or word[0].isdigit() or word[0] == "§"
        is_name = place > 0 and token[0].isupper() and before not in _PLACE
        if not (is_known or is_name):
            return True
        if word != "the" or before not in _PLACE:  # in the Republic: what stands before the article tells a place
            before = word
    return False
