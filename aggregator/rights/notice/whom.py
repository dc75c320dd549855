"""For whom a proposal's rule may be: never for more than the notice's words name.

The questionnaire counts who is served (a school or a village site is no commercial one); a rule lists audiences, none
of which implies another. *Community sites* are community sites there, *schools* are education, *news outlets* are news.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aggregator.model.use import Audience
from aggregator.rights.notice.hear import Frame, Mood
from aggregator.rights.notice.lexicon import TAUGHT
from aggregator.rights.notice.text import Sentence
from aggregator.rights.notice.verdict import Verdict

AUDIENCES = {
    "community_online": frozenset({Audience.COMMUNITY}),
    "nonprofit_online": frozenset({Audience.NONPROFIT}),
    "commercial_online": frozenset({Audience.COMMERCIAL}),
}
"""Question → audiences that an answer to it is about."""
_NAMED = {
    "community_online": ("community", "noncommercial"),
    "nonprofit_online": ("nonprofit", "noncommercial"),
    "commercial_online": ("commercial", "either"),
}
_PRESS = re.compile(
    r"\b(?:news (?:outlets?|organi[sz]ations?|publications?|sites?)|newsrooms?|newspapers?|media|outlets?|publishers?"
    r"|editors|redaktionen|zeitungen|verlage|medien|médias?|journaux|rédactions|éditeurs|presse|medios?|periódicos"
    r"|diarios|redacciones|testat[ae]|giornali|redazioni|editori|veículos?|jornais|redações|kranten|redacties|uitgevers"
    r"|mediów|redakcje|gazety|tidningar|aviser|redaktioner)\b|媒体|报纸|报社"
)
_ANYBODY = re.compile(
    r"\b(?:you|your|any(?:one|body)|every(?:one|body)|whoever|nobody|others|(?:web)?sites?|blogs?|bloggers?|pages?|people"
    r"|sie|ihr|ihrer|du|jedermann|jeder darf|man|\w*seiten?|\w*websites?|alle dürfen|vous|votre|vos|tu|chacun|quiconque"
    r"|tout le monde|libre|on peut|ustedes?|su|tu|cualquiera|todos|se (?:permite|autoriza|pueden?)|webs?|sitios?"
    r"|chiunque|tutti|voi"
    r"|potete|puoi|vostro|tuo|siti|sito|si possono|você|seu|todos|qualquer (?:um|pessoa)|pode|u|uw|je|jij|iedereen|men"
    r"|każdy|można|strony|alla får|alle (?:kan|må)|du)\b|任何人|网站|您|你"
)

_OWN_SITE = re.compile(
    r"\b(?:our|unser\w*|notre|nuestr[oa]|nostro|nossa?|onze|nasz\w*|våra?) (?:web)?(?:sites?|seiten?|websites?|webs?"
    r"|sitio|página|sito|pagina|stron\w+|sida|side)\b"
)
"""The publisher's own: a link to it says nothing of who may republish."""


def granted_to(verdict: Verdict, frames: Sequence[Frame], given: Sequence[str]) -> frozenset[Audience]:
    """Whom a rule that permits lists; empty: it is for anyone.

    Args:
        given: the questions of `AUDIENCES` that are answered with a permission.
    """
    if verdict.licence is not None and len(given) == len(AUDIENCES):
        return frozenset()
    grants = [one for one in frames if one.mood is Mood.GRANT and one.uses & {"whole", "quote"}]
    general = [one for one in grants if not one.audiences - {"anyone"}]
    if general and len(given) == len(AUDIENCES):
        press = all(_is_of_the_press(verdict.sentences[one.sentence]) for one in general)
        return frozenset({Audience.NEWS}) if press else frozenset()
    return frozenset(whom for name in given for whom in _named(verdict, grants, name))


def _is_of_the_press(sentence: Sentence) -> bool:
    others = _PRESS.sub(" ", _OWN_SITE.sub(" ", sentence.low))
    return _PRESS.search(sentence.low) is not None and _ANYBODY.search(others) is None


def _named(verdict: Verdict, grants: Sequence[Frame], question: str) -> Iterator[Audience]:
    """The audiences that the sentences behind an answer name in so many words."""
    if verdict.licence is not None and verdict.licence_at in verdict.why[question]:
        yield from AUDIENCES[question]
    for frame in grants:
        if frame.sentence not in verdict.why[question]:
            continue
        sentence = verdict.sentences[frame.sentence]
        if not frame.audiences - {"anyone"}:
            yield from {Audience.NEWS} if _is_of_the_press(sentence) else AUDIENCES[question]
            continue
        about = [sentence, *(verdict.sentences[place] for place in _before(verdict.sentences, frame.sentence))]
        found = [
            match[0]
            for one in about
            for name in _NAMED[question]
            for match in one.language.search(name).finditer(one.low)
        ]
        if found and question == "nonprofit_online" and all(TAUGHT.match(word) for word in found):
            yield Audience.EDUCATION
        elif found:
            yield from AUDIENCES[question]


def _before(sentences: Sequence[Sentence], place: int) -> list[int]:
    """Where else it may be told for whom a sentence is: in the one before it, and in what leads its list in."""
    lead = sentences[place].lead
    return [*([place - 1] if place else []), *([lead] if lead is not None else [])]
