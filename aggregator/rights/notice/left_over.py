"""What a notice says beside its permission that nothing was made of: a person must say what it means.

A condition often stands in a sentence of its own (*Registration is required. Columns are not part of this.*). One that
became no duty, no limit, no time and no refusal is none that a policy keeps, and unknown never becomes allow: its words
go into the proposal as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from aggregator.model.policy import LimitName
from aggregator.rights.notice.hear import Doubts, Frame, Mood
from aggregator.rights.notice.terms import contact_in, duties_in, limits_in, low_asks, times_in
from aggregator.rights.notice.text import Sentence
from aggregator.rights.notice.unheard import is_unheard, narrows
from aggregator.rights.notice.verdict import Verdict

_HEARD = frozenset({"whole", "quote", "translate", "image"})
"""Uses whose refusal is heard."""
_INNOCENT = re.compile(
    r"\b(?:liab\w+|warrant\w+|guarantee\w*|accuracy|privacy|cookies?|donat\w+|subscrib\w+"
    r"|haft\w+|gewähr\w*|spende\w*|datenschutz\w*|gerichtsstand|ma(?:ß|ss)gebend"
    r"|responsab\w+|garanti\w+|dons?|donaciones?|donazion\w+|doaç\w+|doe"
    r"|aansprakelijk\w*|doneer\w*|donaties?)\b"
)
"""What is said of other things on the same page: damages, data, gifts."""
_NOT = (
    r"(?:not?|n't|never|nor|neither|without|free of|cannot|exclud\w+|except|nicht|kein\w*|weder|noch|ohne|pas|ni|sans"
    r"|aucune?|hors|sauf|sin|ninguna?|non|né|senza|nessuna?|não|nem|sem|nenhum\w*|niet|geen|zonder|nie|bez"
    r"|inte|ikke|utan|uten|uden|ingen|inga)"
)
_AD = (
    r"(?:ads?|adverts?|advertis\w+|banners?|werbung|werbe\w*|werblich\w*|publicités?|publicitaires?|publicidad"
    r"|publicitari\w+|anuncios|pubblicità|annunci|publicidade|anúncios?|reclames?|advertenties?|reklam\w*)"
)
_WALL = (
    r"(?:pay-?walls?|bezahlschranken?|accès (?:payant|réservé)|péage|murs? (?:de paiement|payants?)|muros? de pago"
    r"|acceso de pago|pagamento|acesso pago|cobrança de acesso|betaalmu\w+|betalnings?vägg\w*|betalingsmur\w*)"
)
_SHUT = (
    r"(?:not|n't|exclud\w+|nicht|kein\w*|ausgenommen|ausgeschlossen|pas|exclu\w*|no|fuera|excluid\w+|non|esclus\w+"
    r"|não|fora|excluíd\w+|niet|uitgezonderd|uitgesloten)"
)


def _shut_out(thing: str, *more: str) -> re.Pattern[str]:
    """`no ads`, `a site that carries no ads`, `sites with ads are excluded`."""
    return re.compile(
        "|".join((rf"\b{_NOT}\b[^.;:]{{0,60}}?\b{thing}\b", rf"\b{thing}\b[^.;:]{{0,40}}?\b{_SHUT}\b", *more))
    )


_ADS, _PAYWALL = _shut_out(_AD, r"\bwerbefrei\w*|\bad-free\b|[不无没].{0,4}广告"), _shut_out(_WALL, r"不.{0,8}付费墙")
_WHILE = re.compile(
    r"\b(?:until|till|as soon as|as long as|so long as|once|unless|expires?|lapses?|ceases?|sobald|solange|bis|erlischt"
    r"|endet|verfällt|sofern|tant que|jusqu\w*|dès (?:lors )?que|cesse|expire|à moins|mientras|hasta|caduca|cesa"
    r"|una vez|finché|fino a|fintanto|scade|cessa|enquanto|até|expira|uma vez|zolang|zodra|tot(?:dat)?|vervalt|tenzij"
    r"|dopóki|dopuki|wygasa|så länge|så lenge|tills|inntil|indtil)\b|直到|一旦|除非"
)
BESIDE_MAX = 4
"""Sentences after a permission, in paragraphs of their own, that may still be about it."""
_REUSE = ("whole", "text", "offer", "strong")


def left_over(verdict: Verdict, frames: Sequence[Frame]) -> Iterator[int]:
    """Places of the sentences that may narrow what the notice permits and that nothing was made of, in order.

    Args:
        frames: what was heard.
    """
    sentences, licence_at = verdict.sentences, verdict.licence_at
    grants = {one.sentence for one in frames if one.mood is Mood.GRANT and one.uses & _HEARD}
    grants |= {licence_at} if licence_at is not None else set()
    refusals = [one for one in frames if one.mood is not Mood.GRANT and one.uses & _HEARD]
    # A refusal that no answer rests on (a licence goes before it) was heard and not kept.
    kept = {place for places in verdict.why.values() for place in places}
    heard = {one.sentence for one in refusals if "whole" in one.uses} & kept
    heard |= {one.sentence for one in refusals if one.uses == {"image"}}  # pictures are asked about anyway
    in_part = {one.sentence for one in refusals}
    doubts = Doubts(sentences)
    for place, one in enumerate(sentences):
        if low_asks(one) or (one.heading and place not in grants):
            continue
        if place in grants:
            doubted = place in doubts
        elif place in heard or _INNOCENT.search(one.low) or one.language.search("prevails").search(one.low):
            continue
        else:
            beside = _stands_by(place, sentences, grants)
            strange = beside and doubts.is_strange(place)
            if place in in_part and not _is_of_edits(one):
                doubted = strange
            elif _is_told(place, sentences):
                doubted = beside and (is_unheard(one.low, one.language) or (strange and _hangs(one)))
            else:
                doubted = strange or (_narrows(one) and (beside or _is_of_reuse(one)))
        if doubted:
            yield place


def _stands_by(place: int, sentences: Sequence[Sentence], grants: set[int]) -> bool:
    """Whether a sentence follows a permission closely, no heading between, or stands in the list that one leads in."""
    one = sentences[place]
    for before in range(place - 1, max(-1, place - 1 - BESIDE_MAX), -1):
        if sentences[before].heading:
            break
        if before in grants:
            return True
    return one.lead in grants or any(other < place and sentences[other].paragraph == one.paragraph for other in grants)


def bars(sentences: Sequence[Sentence], frames: Sequence[Frame]) -> Iterator[tuple[LimitName, int]]:
    """Sites that a notice shuts out by what they are like, with ads or behind a paywall, and where it says so."""
    grants = {one.sentence for one in frames if one.mood is Mood.GRANT}
    for place, one in enumerate(sentences):
        low = one.language.search("either").sub(" ", one.low)
        if low_asks(one) or not (place in grants or _stands_by(place, sentences, grants) or _narrows(one)):
            continue
        if _PAYWALL.search(low):
            yield LimitName.NO_PAYWALL, place
        if _ADS.search(low) and not one.language.search("ads_against").search(low):
            yield LimitName.NO_ADS, place


def _narrows(one: Sentence) -> bool:
    language, low = one.language, one.low
    return narrows(low) or any(language.search(name).search(low) for name in ("refuse", "ask", "no"))


def _is_of_reuse(one: Sentence) -> bool:
    return any(one.language.search(name).search(one.low) for name in _REUSE)


def _hangs(one: Sentence) -> bool:
    """Whether a sentence makes the permission hang on something: what was made of the rest is not all then."""
    return _WHILE.search(one.low) is not None and one.language.search("takedown").search(one.low) is None


def _is_of_edits(one: Sentence) -> bool:
    """Whether a refusal of a part is one of changes (`not edit the text, but for its length`)."""
    alone = [replace(one, lead=None)]
    return any(term.name in {"no_edits", "minor_edits_ok"} for term in limits_in(alone, {}, granted=True))


def _is_told(place: int, sentences: Sequence[Sentence]) -> bool:
    """Whether something was made of a sentence: a duty, a limit, a time, whose it is, whom to ask."""
    alone = [replace(sentences[place], lead=None)]
    low, language = alone[0].low, alone[0].language
    return bool(
        duties_in(alone, {})
        or limits_in(alone, {}, granted=True)
        or times_in(alone, {})
        or contact_in(alone, (0,), ())
        or any(language.search(name).search(low) for name in ("third", "takedown", "reserved", "wish"))
    )
