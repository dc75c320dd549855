"""Licences are found under every name that feeds and people give them, and under no other."""

from __future__ import annotations

import pytest

from aggregator.model.policy import Effect
from aggregator.rights.licences import _FAMILIES, _PORTS, NON_COMMERCIAL, canonical, known, same
from aggregator.rights.open_licences import OTHERS
from aggregator.rights.spelled import spelled

FAMILIES = ("by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd")
CC = "https://creativecommons.org/licenses"


@pytest.mark.parametrize(
    ("written", "id_"),
    [
        ("CC-BY-4.0", "CC-BY-4.0"),
        ("cc by-nc-nd 3.0", "CC-BY-NC-ND-3.0"),
        ("CC_BY_SA_4.0", "CC-BY-SA-4.0"),
        ("https://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0"),
        ("http://www.creativecommons.org/licenses/by-sa/4.0/legalcode.de", "CC-BY-SA-4.0"),
        ("https://creativecommons.org/licenses/by-sa/4.0/deed.zh_tw", "CC-BY-SA-4.0"),
        ("HTTPS://CreativeCommons.org/Licenses/BY/4.0", "CC-BY-4.0"),
        ("https://creativecommons.org/licence/by/4.0/", "CC-BY-4.0"),
        ("//creativecommons.org/licenses/by/2.5/deed.en#x", "CC-BY-2.5"),
        ("https://creativecommons.org/licenses/by-nd-nc/1.0", "CC-BY-NC-ND-1.0"),
        ("https://creativecommons.org/licenses/by-nc-nd/1.0", "CC-BY-NC-ND-1.0"),
        ("https://creativecommons.org/licenses/by-nc-nd/3.0/us/", "CC-BY-NC-ND-3.0-US"),
        ("CC-BY-NC-SA-2.0-UK", "CC-BY-NC-SA-2.0-UK"),
        ("http://creativecommons.org/licenses/sa/2.0/jp/", "CC-SA-2.0-JP"),
        ("CC-SA-1.0", "CC-SA-1.0"),
        ("Creative Commons Attribution 4.0 International License", "CC-BY-4.0"),
        ("Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International", "CC-BY-NC-ND-4.0"),
        ("Creative Commons Attribution-Non-Commercial-Share Alike 3.0 Unported", "CC-BY-NC-SA-3.0"),
        ("CC0", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/legalcode", "CC0-1.0"),
        ("CC-PDM-1.0", "PDM-1.0"),
        ("http://creativecommons.org/licenses/publicdomain/", "PDM-1.0"),
        ("All rights reserved.", "all rights reserved"),
        ("ogl-uk-3.0", "OGL-UK-3.0"),
        ("dl-de/by-2-0", "DL-DE-BY-2.0"),
        ("Open Government Licence - Canada", "OGL-Canada-2.0"),
        ("https://creativecommons.org:443/licenses/by-nc/4.0/", "CC-BY-NC-4.0"),
        ("http://creativecommons.org:80//licenses/by/3.0/us/legalcode", "CC-BY-3.0-US"),
        ("creativecommons.org/licenses/by-nc/4.0", "CC-BY-NC-4.0"),
        ("www.creativecommons.org/licenses/by/4.0/deed.de", "CC-BY-4.0"),
        ("HTTP://CREATIVECOMMONS.ORG./licenses/by/4.0/legalcode", "CC-BY-4.0"),
        ("<https://creativecommons.org/licenses/by/4.0/>", "CC-BY-4.0"),
        ("creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("CC BY-NC 4.0 International", "CC-BY-NC-4.0"),
        ("Attribution-NonCommercial 4.0 International (CC BY-NC 4.0)", "CC-BY-NC-4.0"),
        ("http://www.nationalarchives.gov.uk/doc/open-government-licence/version/2", "OGL-UK-2.0"),
        ("nationalarchives.gov.uk/doc/open-government-licence/", "OGL-UK-3.0"),
        ("dl-de/by-1-0", "DL-DE-BY-1.0"),
        ("2011/833/EU", "EU-2011-833"),
        ("http://data.europa.eu/eli/dec/2011/833/oj", "EU-2011-833"),
        ("https://www.usa.gov/publicdomain/label/1.0", "US-GOV-WORK"),
    ],
)
def test_a_licence_is_known_by_id_title_and_address(written: str, id_: str) -> None:
    licence = known(written)
    assert licence is not None
    assert licence.id == id_


@pytest.mark.parametrize(
    "written",
    [
        "",
        "CC-BY",
        "CC-BY-ND-SA-4.0",
        "CC-BY-BY-4.0",
        "CC-BY-9.0",
        "CC-BY-2.1",
        "CC-BY-3.0-XX",
        "CC-BY-4.0-US",
        "CC-NC-4.0",
        "CC-BY-4.0 OR MIT",
        "Attribution 4.0",
        "Creative Commons",
        "Creative Commons Attribution",
        "Creative Commons Attribution 4.0 but not for you",
        "https://creativecommons.org/licenses/by/",
        "https://creativecommons.org/licenses/devnations/2.0/",
        "https://creativecommons.org.evil.example/licenses/by/4.0/",
        "https://evil.example/creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org/licenses/by/4.0/us/../../zero",
        "https://creativecommons.org/publicdomain/zero/2.0/",
        "https://example.org/licence",
        "https://creativecommons.org:8443/licenses/by/4.0/",
        "https://creativecommons.org@evil.example/licenses/by/4.0/",
        "evil.example//creativecommons.org/licenses/by/4.0/",
        "Attribution 4.0 International (CC BY-NC 4.0)",
        "Herald Licence 1.0",
    ],
)
def test_what_is_no_licence_that_we_know_stays_unknown(written: str) -> None:
    """Unknown means ask: an invented port or a half name must not pass for the real thing."""
    assert known(written) is None


@pytest.mark.parametrize("version", ["1.0", "2.0", "2.5", "3.0", "4.0"])
@pytest.mark.parametrize("letters", FAMILIES)
def test_every_creative_commons_licence_says_what_its_letters_say(letters: str, version: str) -> None:
    licence = known(f"{CC}/{letters}/{version}/")
    assert licence is not None
    assert licence.effect is Effect.ALLOW
    assert known(licence.id) == known(licence.url or "") == licence
    duties, limits = {duty.name for duty in licence.duties}, {limit.name for limit in licence.limits}
    assert {"credit-source", "credit-author", "link-original", "licence-notice"} <= duties
    assert ("share-alike" in duties) is ("sa" in letters)
    assert ("no-translation" in limits) is ("nd" in letters)
    assert licence.non_commercial is ("no-resale" in limits) is ("nc" in letters)


def test_no_derivatives_has_no_share_alike() -> None:
    """Some public encodings of the licence say otherwise."""
    licence = known("CC-BY-NC-ND-4.0")
    assert licence is not None
    assert "share-alike" not in {duty.name for duty in licence.duties}


def test_a_port_differs_from_the_licence_it_was_made_from_in_name_alone() -> None:
    ported, plain = known(f"{CC}/by-nc/3.0/de/"), known("CC-BY-NC-3.0")
    assert ported is not None
    assert plain is not None
    assert (ported.id, ported.url) == ("CC-BY-NC-3.0-DE", f"{CC}/by-nc/3.0/de/")
    assert ported.limits == plain.limits
    assert not same("CC-BY-NC-3.0", "CC-BY-NC-3.0-DE")


def test_every_row_of_the_table_is_found_by_each_of_its_names_and_by_no_other_row() -> None:
    names = [canonical(name) for licence in OTHERS for name in {licence.id, licence.url or licence.id, *licence.also}]
    assert len(names) == len(set(names))
    for licence in OTHERS:
        for name in (licence.id, *([licence.url] if licence.url else []), *licence.also):
            assert known(name) is licence
        assert bool(licence.why) is (licence.effect is Effect.ASK)
        assert licence.id != NON_COMMERCIAL


def test_every_port_is_known_by_its_address_in_every_spelling_and_no_other_is() -> None:
    """A port's letters bind as those of the licence that it was made from; a country that has none is unknown."""
    told = 0
    for version, ports in _PORTS.items():
        for port in [*ports.split(), "xx"]:
            for letters in FAMILIES:
                path = f"creativecommons.org/licenses/{letters}/{version}/{port}"
                found = {known(start + path + end) for start in ("", "http://www.") for end in ("/", "/deed.fr")}
                assert len(found) == 1, path
                (licence,) = found
                if port == "xx":
                    assert licence is None
                else:
                    assert licence is not None
                    assert known(licence.id) == licence
                    plain = known(f"CC-{letters}-4.0")
                    assert plain is not None
                    assert licence.limits == plain.limits
                    told += 1
    assert told == sum(len(ports.split()) for ports in _PORTS.values()) * len(_FAMILIES)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("licensed under http://creativecommons.org/licenses/by-nc/4.0/.", ("CC-BY-NC-4.0",)),
        ("see creativecommons.org/licenses/by-nd/", ("CC-BY-ND-4.0",)),
        ("This work is licensed under CC BY-NC.", ("CC-BY-NC-4.0",)),
        ("CC BY-SA 3.0; images CC-BY-NC-ND", ("CC-BY-SA-3.0", "CC-BY-NC-ND-4.0")),
        ("CC BY-ND-SA", ("CC-BY-ND-4.0",)),
        ("Creative Commons Attribution - Pas d'Utilisation Commerciale 3.0", ("CC-BY-NC-3.0",)),
        ("Creative Commons Namensnennung-Nicht kommerziell-Keine Bearbeitung", ("CC-BY-NC-ND-4.0",)),
        ("クリエイティブ Creative Commons 表示-非営利 4.0", ("CC-BY-NC-4.0",)),
        ("https://i.creativecommons.org/l/by-nc/4.0/88x31.png", ("CC-BY-NC-4.0",)),
        ("Creative Commons", ()),
        ("All rights reserved", ()),
        ("cc: bystander@example.org", ()),
        ("", ()),
    ],
)
def test_licences_are_found_in_words(text: str, ids: tuple[str, ...]) -> None:
    assert spelled(text) == ids
