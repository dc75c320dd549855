"""Languages that a document may declare: codes that validators and browsers know."""

from __future__ import annotations

import re

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_TWO = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de "
    "dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id "
    "ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu "
    "lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu "
    "rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to "
    "tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_THREE = (
    "ast ceb chr cop crh csb dsb fil frr fur haw hil hmn hsb ilo kab kok krl lad lus mai mdf mni mwl myv "
    "nah nap nds nso pap rap rom sah sat scn sco sme smj smn sms syr tet tpi tyv udm war xal zap"
)
KNOWN = frozenset(_TWO.split())
"""ISO 639-1."""
KNOWN_TO_VALIDATORS = KNOWN | frozenset(_THREE.split())
"""With those of ISO 639-2 that have no code of two letters and that the W3C's feed validator has in its list."""


def declared(told: str | None) -> str | None:
    """The language tag where it is one (BCP 47); `English`, `xx` and the like are left out."""
    tag = (told or "").strip().replace("_", "-")
    if not _TAG.fullmatch(tag):
        return None
    primary, *rest = tag.split("-")
    if len(primary) == 2 and primary.lower() not in KNOWN:
        return None
    # The United Kingdom is GB: no other wrong region is nearly as common.
    return "-".join([primary.lower(), *("GB" if part.upper() == "UK" else part for part in rest)])


def in_xml(language: str | None) -> str | None:
    """The language as XML may declare it: to the W3C's feed validator, a code that it does not know is an error."""
    known = language is not None and language.partition("-")[0].lower() in KNOWN_TO_VALIDATORS
    return language if known else None
