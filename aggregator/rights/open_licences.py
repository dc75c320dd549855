"""Licences that are not Creative Commons, as a table: those of governments, of databases, and the old free texts.

Each row is written from the licence's own text. What a licence asks for that no term of ours says is in `why` where
it makes asking the only way, and otherwise is always kept by us: a link to the licence stands beside each notice of
it, dates are carried, and nothing of ours suggests that a government stands behind an output.
"""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.model.policy import Duty, DutyName, Effect, Limit, LimitName


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """What one licence says to a republisher."""

    id: str
    """SPDX where SPDX has one: `CC-BY-NC-4.0`; a ported version is named after its port: `CC-BY-3.0-US`."""
    url: str | None
    """The canonical address of its text."""
    effect: Effect
    """`allow` under its duties and limits, or `ask`."""
    duties: tuple[Duty, ...] = ()
    limits: tuple[Limit, ...] = ()
    non_commercial: bool = False
    """Bars commercial audiences, beside the limits that NC sets on ads, paywalls and sale."""
    why: str = ""
    """For `ask`: why it must be asked, as the end of a sentence."""
    also: tuple[str, ...] = ()
    """Other ids and addresses of the same text."""


_SOURCE, _AUTHOR = DutyName.CREDIT_SOURCE, DutyName.CREDIT_AUTHOR
_NOTICE, _LINK, _LABEL = DutyName.COPYRIGHT_NOTICE, DutyName.LINK_ORIGINAL, DutyName.LABEL_CHANGES


def notice_of(id_: str, url: str, name: str = "") -> Duty:
    """The duty to name a licence and to link to it.

    Args:
        name: what to call it, where the address does not say that to a reader.
    """
    params = (("licence", id_), *([("name", name)] if name else []), ("url", url))
    return Duty(name=DutyName.LICENCE_NOTICE, params=params)


def _government(id_: str, url: str, *names: DutyName, also: tuple[str, ...] = ()) -> Licence:
    """Free for all uses with credit and a link to the licence; no hint that the government endorses anything."""
    duties = (*(Duty(name=name) for name in names), notice_of(id_, url, id_))
    limits = (Limit(name=LimitName.NO_ENDORSEMENT),)
    return Licence(id=id_, url=url, effect=Effect.ALLOW, duties=duties, limits=limits, also=also)


def _free(id_: str, url: str, *also: str) -> Licence:
    return Licence(id=id_, url=url, effect=Effect.ALLOW, also=also)


def _asking(id_: str, url: str | None, why: str, *also: str) -> Licence:
    return Licence(id=id_, url=url, effect=Effect.ASK, why=why, also=also)


CC0 = _free(
    "CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/", "cc0", "cc-zero", "creative commons zero 1.0"
)
PUBLIC_DOMAIN = _free(
    "PDM-1.0",
    "https://creativecommons.org/publicdomain/mark/1.0/",
    "pdm",
    "cc-pdm-1.0",
    "cc-pddc",
    "public domain",
    "https://creativecommons.org/licenses/publicdomain/",
    "https://creativecommons.org/licenses/mark/1.0/",
    "https://creativecommons.org/publicdomain/certification/1.0/us/",
)
ALL_RIGHTS_RESERVED = _asking(
    "all rights reserved",
    None,
    "reserves all rights",
    "arr",
    "https://rightsstatements.org/vocab/InC/1.0/",
    "https://rightsstatements.org/page/InC/1.0/",
)

_TNA = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version"
_DATABASE = "licenses a database, which says nothing of the articles in it"
_WHOLE_TEXT = "licenses it under terms whose whole text must go with each copy"

OTHERS: tuple[Licence, ...] = (
    CC0,
    PUBLIC_DOMAIN,
    ALL_RIGHTS_RESERVED,
    # United Kingdom: acknowledge the source with its own statement where it gives one, and link to the licence.
    *(
        _government(f"OGL-UK-{number}.0", f"{_TNA}/{number}/", _SOURCE, _NOTICE, also=also)
        for number, also in (
            (
                1,
                ("ogl-1.0", "open government licence v1.0", f"{_TNA[:-7]}open-government-licence.htm"),
            ),
            (2, ("ogl-2.0", "open government licence v2.0")),
            (3, ("ogl-3.0", "open government licence v3.0", _TNA[:-8])),  # the bare address leads to the newest
        )
    ),
    _government(
        "OGL-Canada-2.0",
        "https://open.canada.ca/en/open-government-licence-canada",
        _SOURCE,
        _NOTICE,
        also=(
            "https://ouvert.canada.ca/fr/licence-du-gouvernement-ouvert-canada",
            "https://open.canada.ca/fr/licence-du-gouvernement-ouvert-canada",
            "open government licence - canada",
        ),
    ),
    # France: name the source and the date of its last change; a link to the source does for both.
    _government(
        "etalab-1.0",
        "https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf",
        _SOURCE,
        _LINK,
        also=("licence ouverte 1.0", "lo-1.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence"),
    ),
    _government(
        "etalab-2.0",
        "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
        _SOURCE,
        _LINK,
        also=(
            "licence ouverte 2.0",
            "lo-2.0",
            "https://www.etalab.gouv.fr/licence-version-2-0-de-la-licence-ouverte-suite-a-la-consultation-et-presentation-du-decret",
            "https://github.com/etalab/licence-ouverte/blob/master/LO.md",
        ),
    ),
    # Germany: the provider as it wishes to be named, the licence with its address, the record, and that it was changed.
    _government(
        "DL-DE-BY-2.0",
        "https://www.govdata.de/dl-de/by-2-0",
        _SOURCE,
        _LINK,
        _LABEL,
        also=("dl-de/by-2-0", "datenlizenz deutschland - namensnennung - version 2.0"),
    ),
    _free(
        "DL-DE-ZERO-2.0",
        "https://www.govdata.de/dl-de/zero-2-0",
        "dl-de/zero-2-0",
        "datenlizenz deutschland - zero - version 2.0",
    ),
    _government(
        "DL-DE-BY-1.0",
        "https://www.govdata.de/dl-de/by-1-0",
        _SOURCE,
        _LINK,
        _LABEL,
        also=("dl-de/by-1-0", "datenlizenz deutschland - namensnennung - version 1.0"),
    ),
    # European Union: what its institutions publish may be reused with the source named and its meaning kept.
    _government(
        "EU-2011-833",
        "https://eur-lex.europa.eu/eli/dec/2011/833/oj",
        _SOURCE,
        _LABEL,
        also=(
            "http://data.europa.eu/eli/dec/2011/833/oj",
            "http://publications.europa.eu/resource/authority/licence/com_reuse",
            "commission decision 2011/833/eu",
            "2011/833/eu",
        ),
    ),
    # Norway: name the licensor, link to the licence where that can be done, say what was changed.
    *(
        _government(
            f"NLOD-{number}.0",
            f"https://data.norge.no/nlod/en/{number}.0",
            _SOURCE,
            _LABEL,
            also=(
                f"https://data.norge.no/nlod/no/{number}.0",
                *(("https://data.norge.no/nlod/no", "https://data.norge.no/nlod/en") if number == 1 else ()),
            ),
        )
        for number in (1, 2)
    ),
    # Italy: name the source, with the licence's text or address.
    _government(
        "IODL-2.0",
        "https://www.dati.gov.it/iodl/2.0/",
        _SOURCE,
        also=("https://www.dati.gov.it/content/italian-open-data-license-v20", "italian open data license v2.0"),
    ),
    # United States: not protected there. No credit is asked; a copy must not look as if an agency stood behind it.
    Licence(
        id="US-GOV-WORK",
        url="https://www.usa.gov/government-works",
        effect=Effect.ALLOW,
        limits=(Limit(name=LimitName.NO_ENDORSEMENT),),
        also=(
            "https://www.usa.gov/government-copyright",
            "https://www.usa.gov/publicdomain/label/1.0/",
            "us government work",
            "u.s. government work",
        ),
    ),
    _free("PDDL-1.0", "https://opendatacommons.org/licenses/pddl/1-0/", "https://opendatacommons.org/licenses/pddl/"),
    _asking(
        "ODC-By-1.0",
        "https://opendatacommons.org/licenses/by/1-0/",
        _DATABASE,
        "https://opendatacommons.org/licenses/by/",
    ),
    _asking(
        "ODbL-1.0",
        "https://opendatacommons.org/licenses/odbl/1-0/",
        _DATABASE,
        "https://opendatacommons.org/licenses/odbl/",
    ),
    *(
        _asking(
            f"GFDL-{version}",
            f"https://www.gnu.org/licenses/old-licenses/fdl-{version}.html"
            if version != "1.3"
            else "https://www.gnu.org/licenses/fdl-1.3.html",
            _WHOLE_TEXT,
            f"gfdl-{version}-only",
            f"gfdl-{version}-or-later",
            *(("gfdl", "https://www.gnu.org/copyleft/fdl.html") if version == "1.3" else ()),
        )
        for version in ("1.1", "1.2", "1.3")
    ),
)
