"""Sentences that read like a permission and are none: it has ended, it is denied, it is for few, it is given to us, or
it is for one copy at home or in class.

By language, one table per way in which a grant is taken back. A grant that is void counts as a refusal, one for few as
something to ask for: in doubt the narrower reading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.rights.notice.text import Sentence

_YEAR = r"(?:19|20)\d\d\b"

_VOID = {
    "en": rf"""
        \bwe used to\b|\bused to (?:allow|permit|let)\b|\b(?:was|were|had been) (?:once |previously |formerly )?(?:allowed|permitted|free to|licensed)\b
        \bno longer\b|\bstopped (?:allowing|permitting)\b|\buntil (?:\S+ )?{_YEAR}
        \b(?:is|it's|be) (?:wrong|false|untrue|incorrect|a mistake|a myth) (?:to|that)\b|\bnot true that\b
        \b(?:old|former|previous|earlier|expired|withdrawn) (?:licen[cs]e|terms|policy|permission|version)\b|\bkidding\b|\bformerly\b|\bin the past\b
        \b(?:does not|doesn't|do not|don't) (?:mean|imply)\b|^exceptionally\b
        \b(?:permitted|allowed) (?:by|under) (?:applicable |copyright |the )*(?:law|statute|copyright act)\b|\bfair (?:dealing|use)\b
        \b(?:a|in) (?:breach|violation|infringement) of\b
    """,
    "de": rf"""
        \bbis (?:zum |ende |anfang )?(?:\S+ )?{_YEAR}|\bfrüher\b|\b(?:ehemals|vormals)\b|\bdurften\b|\bdurfte man\b|\bnicht mehr\b|\bnicht länger\b
        \b(?:alte|frühere|bisherige|ehemalige)[nrs]? (?:lizenz|regel\w*|genehmigung|erlaubnis)\b|\bweder\b.{{0,80}}\bnoch\b
        \bes (?:ist|wäre) (?:falsch|unrichtig|ein irrtum)\b|\b(?:war|waren|wurden?) (?:\S+ ){{0,3}}(?:erlaubt|gestattet|freigegeben)\b
        \bgesetzlich (?:zulässig|erlaubt|zugelassen|gestattet|vorgesehen)\w*|\b(?:vom|durch das) (?:gesetz|urheberrecht)\b|\bzitatrecht\w*
    """,
    "fr": rf"""
        \bn(?:e |')(?:l'|le |la |les )?\w+ plus\b|\b(?:était|étaient|avait été) (?:autorisée?s?|permise?s?|libres?)\b|\bjusqu'(?:en|à) (?:\S+ )?{_YEAR}
        \bautrefois\b|\banciennement\b|\b(?:ancienne|précédente) (?:licence|autorisation)\b|\bil (?:est|serait) (?:faux|erroné)\b
        \bne (?:sont|est) (?:\S+ ){{1,4}}que pour\b|\bni\b.{{1,60}}\bni\b
        \b(?:prévu|permis|autorisé|admis)\w* par (?:la loi|le code)\b|\bexceptions? légales?\b
    """,
    "es": rf"""
        \b(?:dejamos|hemos dejado|dejó) de (?:permitir|autorizar)\b|\bya no\b|\b(?:estaba|era|fue) (?:permitid|autorizad|libre)\w*
        \bhasta (?:el |fines de )?(?:\S+ )?{_YEAR}|\banteriormente\b|\bantigua (?:licencia|autorización)\b|\b(?:es|sería) (?:falso|erróneo|un error)\b|\bno es cierto\b
        \b(?:permit|autori|prev)\w+ (?:por|en) la ley\b
    """,
    "it": rf"""
        \bnon (?:è|sono|vale|valgono) più\b|\b(?:era|erano|fu) (?:permess|consentit|liber)\w*|\bfino a[l ]? ?(?:\S+ )?{_YEAR}
        \bin passato\b|\bprecedentemente\b|\bvecchia licenza\b|\b(?:è|sarebbe) (?:falso|sbagliato|errato)\b|\babbiamo smesso di\b
        \b(?:consentit|permess|previst)\w+ dalla legge\b
    """,
    "pt": rf"""
        \bjá não\b|\bnão (?:é|são|está|estão) mais\b|\bdeix(?:amos|ou) de (?:permitir|autorizar)\b|\b(?:era|estava) (?:permitid|autorizad|livre)\w*
        \baté (?:\S+ )?{_YEAR}|\banteriormente\b|\bantigamente\b|\bantiga licença\b|\b(?:é|seria) (?:falso|errado)\b|\bnão é verdade\b
        \b(?:permitid|autorizad|previst)\w+ (?:por|pela|na|em) lei\b
    """,
    "nl": rf"""
        \bniet (?:meer|langer)\b|\bvroeger\b|\bvoorheen\b|\btot (?:eind |begin )?(?:\S+ )?{_YEAR}|\bmochten\b|\b(?:was|waren|werd) (?:toegestaan|vrij)\b
        \boude licentie\b|\bhet (?:is|zou) (?:onjuist|onwaar|een misverstand)\b
        \b(?:wettelijk|door de wet|volgens de wet) (?:toegestaan|toegelaten)\b|\bciteerrecht\b
    """,
    "pl": r"\bdozwolon\w+ (?:przez prawo|użyt\w+)\b|\bjuż nie\b|\bdawniej\b",
}
_ENDED = {
    "en": r"""
        \b(?:licen[cs]e|permission|offer|policy|arrangement|that|this|it) (?:has|have|was|is)(?: since| now)?(?: been)? (?:withdrawn|revoked|expired|ended|over|discontinued|cancelled|lapsed)\b
        ^or rather\b|^(?:well, )?not (?:quite|really|yet)\b|\b(?:that|this|it) does not (?:apply|extend|go) (?:for|to) (?:our )?(?:\S+ )?(?:articles|texts|stories)\b|\bno longer (?:do|applies|apply|valid|so|the case|in force)\b|\bkidding\b|\bonly joking\b|\b(?:is|are) personal to (?:them|him|her|it|me|us)\b|\b(?:that|this|it) (?:is|would be) (?:a mistake|wrong|false|untrue|an error|not (?:so|true|the case))\b
    """,
    "de": r"\bdas (?:ist|wäre) (?:vorbei|geschichte|falsch|ein irrtum|nicht so)\b|\bdas stimmt nicht\b|\b(?:das|dies) gilt nicht für (?:\S+ )?(?:texte|artikel|beiträge)\w*\b|\b(?:widerrufen|zurückgezogen|abgelaufen|beendet) (?:worden|wurde)\b|\b(?:gilt|ist) nicht mehr\b",
    "fr": r"\bc'est (?:faux|inexact|une erreur)\b|\bn(?:e l)?'est plus\b|\ba été (?:retirée?|révoquée?|abrogée?)\b|\ba expiré\b",
    "es": r"\bya no\b|\beso es (?:falso|un error)\b|\bno es (?:así|cierto)\b|\bha sido (?:retirad|revocad)[oa]\b|\bha (?:expirado|caducado|vencido)\b",
    "it": r"\bnon (?:è|vale) più\b|\bnon è (?:così|vero)\b|\bè (?:falso|un errore)\b|\bè stat[oa] (?:ritirat|revocat)[oa]\b|\bè scadut[oa]\b",
    "pt": r"\bjá não\b|\bnão é (?:assim|verdade)\b|\bisso é (?:falso|um erro)\b|\bnão (?:é|vale) mais\b|\bfoi (?:retirad|revogad)[oa]\b|\bexpirou\b",
    "nl": r"\b(?:geldt|is) niet (?:meer|langer)\b|\bis (?:ingetrokken|vervallen|verlopen)\b|\bdat (?:is (?:voorbij|onjuist|een vergissing|niet zo)|klopt niet)\b",
}
_FOR_FEW = {
    "en": r"""
        \bonly (?:if|when|where) (?:\S+ ){0,6}(?:agreement|contract|licen[cs]e|permission|consent|subscription|approval)\b
        \bunless (?:you|they|he|she|it|the \w+) (?:are|is)\b(?! (?:otherwise |specifically )?(?:told|notified|advised|instructed|informed|stated|marked|noted|indicated|credited|otherwise))|\banyone else (?:that |whom? )?we have not\b
        \bin print only\b|\bonly in print\b
        \bmember (?:newspapers?|stations?|papers?|organi[sz]ations?|publications?|outlets?|titles?)\b|\b(?:to|for|by) (?:our )?(?:paying )?(?:members|subscribers|partners|clients|licensees)\b
    """,
    "de": r"\bnur (?:wenn|sofern|falls|für|mit) (?:\S+ ){0,6}(?:vertrag|vereinbarung|lizenz|genehmigung|abonnement|mitglieder|partner|abonnenten)\b|\bmitglieds(?:zeitungen|verlage|medien)\b",
    "fr": r"\baprès (?:\S+ ){0,2}(?:accord|l'accord|autorisation|l'autorisation|validation|entente)\b|\b(?:uniquement|seulement) (?:si|pour|avec) (?:\S+ ){0,6}(?:contrat|accord|licence|autorisation|adhérents|membres|partenaires|abonnés)\b",
    "es": r"\b(?:solo|sólo|únicamente) (?:si|para|con) (?:\S+ ){0,6}(?:contrato|acuerdo|licencia|autorización|permiso|socios|miembros|suscriptores)\b",
    "it": r"\bsolo (?:se|per|con) (?:\S+ ){0,6}(?:contratto|accordo|licenza|autorizzazione|soci|membri|abbonati)\b",
    "pt": r"\b(?:só|somente|apenas) (?:se|para|com) (?:\S+ ){0,6}(?:contrato|acordo|licença|autorização|permissão|sócios|membros|assinantes)\b",
    "nl": r"\balleen (?:als|indien|voor|met) (?:\S+ ){0,6}(?:contract|overeenkomst|licentie|toestemming|leden|abonnees|partners)\b",
}
_INBOUND = {
    "en": r"""
        \byou (?:hereby |also )?(?:grant|licen[cs]e|assign) (?:us|to us|the|\w+) |\byou (?:hereby )?give us (?:\S+ ){0,5}(?:licen[cs]e|permission|rights?)\b
        \bif (?:you|anyone|anybody|somebody|someone) (?:sees?|finds?|spots?|notices?|comes? across)\b
        \b(?:one|a single) (?:\w+ )?copy\b.{0,120}\bpersonal\b|\bpersonal(?:,| and|,? /)? ?(?:and )?non-?commercial (?:use|purposes?|viewing|reading|reference)\b
        \bprivate study\b|\binternal use\b|\bfeed readers?\b|\bby individuals\b|\bwe reserve the right\b|\b(?:republish|reproduc|us|publish)ed by us\b
        \b(?:the |our )?(?:authors?|contributors?|advertisers?)(?: \S+){0,5} may (?:also |then )?(?:republish|reproduce|re-?use|publish)\b|\btheir own (?:\w+ )?(?:articles?|work|ads?|stories|texts?)\b
        \b(?:supplied|provided) by (?:the )?(?:ap\b|afp\b|reuters|dpa\b|agenc|others|third)
        \bclass-?room\b|\bin (?:your |their |the )?class(?:es)?\b
        \brepublish your \w+|\b(?:content|material|comments?|posts?|photos?) (?:that |which )?you (?:submit|post|upload|send)\b
        \b(?:by|when|in) (?:sending|submitting|posting|uploading|supplying|providing|e-?mailing|contributing)\b|\b(?:that|and|so) we (?:may|can) (?:also )?(?:re-?publish|publish|use|reproduce|print)\b|\bon(?:to)? our (?:own )?(?:web)?(?:site|pages?|platform|portal)\b.{0,60}\bfree of charge\b|\bphotocop\w+|\blend(?:ing)?\b
        \bour (?:own )?(?:volunteers?|staff|writers?|reporters?|journalists?|authors?|contributors?|columnists?|employees)\b (?:(?:also|then|later) )?(?:(?:may|can) (?!be\b|not\b)|(?:are|feel) free to |re-?publish|re-?use|repost)
        \b(?:sent|submitted|supplied|contributed) (?:in )?by (?:our |the )?(?:readers?|users?|listeners|viewers|members of the public)\b|\bletters to the editor\b|\breaders' letters\b
        \bsearch engines?\b
    """,
    "de": r"\b(?:persönlich|privat)\w*(?:,| und) ?(?:und )?nicht-? ?kommerziell\w*|\bfür (?:den |die |rein )*(?:privaten?|persönlichen?) (?:gebrauch|nutzung|zwecke?)\b|\b(?:räumen sie|räumst du) (?:uns|dem|der)\b|\bihre (?:kommentare|beiträge|einsendungen)\b.{0,60}\b(?:veröffentlichen|nutzen)\b|\b(?:ein|zu)gesandte?\w*|\beinsendung\w*|\bbeh(?:ält|alten) (?:sich|uns) (?:das recht )?vor\b|\bfotokopier\w*|\bausleih\w*|\bsuchmaschinen?\b",
    "fr": r"\busage (?:strictement |purement |exclusivement )?(?:personnel|privé)\b(?! ou)|\bvous (?:nous )?(?:accordez|concédez|cédez)\b|\bvos (?:commentaires|contributions)\b|\ben nous (?:envoyant|adressant|soumettant|transmettant|confiant)\b|\bvous nous autorisez\b|\bphotocop\w+|\b(?:envoyé|adressé|soumis|transmis|proposé)\w* par (?:les|nos|des) (?:lecteurs|lectrices|internautes|utilisateurs)\b|\bcourrier des lecteurs\b|\bmoteurs? de recherche\b",
    "es": r"\buso (?:estrictamente |exclusivamente )?(?:personal|privado)\b(?! o )|\busted (?:nos )?(?:concede|otorga|cede)\b|\bsus comentarios\b|\bal enviar(?:nos)?\b|\benviándonos\b|\bnos autoriza\b|\bfotocopi\w+|\b(?:enviad|remitid|aportad)\w+ por (?:los|nuestros|las|sus) (?:lectores|lectoras|usuarios)\b|\bcartas al director\b|\bbuscadores?\b|\bmotores? de búsqueda\b",
    "it": r"\buso (?:strettamente |esclusivamente )?(?:personale|privato)\b(?! o )|\b(?:ci )?conced(?:i|ete) (?:a noi|una licenza)\b|\bi (?:tuoi|vostri) commenti\b|\binviando(?:ci)?\b|\bci autorizz\w+|\bfotocopi\w+|\binviat\w+ da(?:i|gli|lle) (?:\w+ )?(?:lettori|lettrici|utenti)\b|\blettere al direttore\b|\bmotor[ei] di ricerca\b",
    "pt": r"\buso (?:estritamente |exclusivamente )?(?:pessoal|privado)\b(?! ou)|\bvocê (?:nos )?(?:concede|cede|autoriza)\b|\bseus comentários\b|\bao (?:nos )?enviar(?:-nos)?\b|\bnos autoriza\b|\bfotocop\w+|\bfotocóp\w+|\benviad\w+ (?:por|pelos|pelas) (?:\w+ )?(?:leitores|leitoras|usuários|utilizadores)\b|\bcartas (?:ao|à) \w+\b|\b(?:mecanismos?|motores?) de (?:busca|pesquisa)\b|\bbuscadores?\b",
    "nl": r"\b(?:persoonlijk|privé)(?:,| en)?(?: en)? ?(?:niet-commercieel )?gebruik\b(?! of)|\b(?:verleent u|u verleent) ons\b|\buw reacties\b|\bdoor (?:\S+ ){0,5}(?:in te (?:zenden|sturen)|(?:op|toe) te sturen)\b|\bgeeft u ons\b|\bfotokopie\w*|\bingezonden\b|\bdoor lezers (?:\S+ )?(?:gestuurd|ingestuurd|ingezonden)\w*|\bzoekmachines?\b",
    "pl": r"\b(?:prze|nad)syłając\b|\bnadesłan\w+|\bkserow\w+|\bwyszukiwark\w+",
}
_THEIRS = {
    "en": r"\b(?:their|your) own\b.{0,60}\b(?:on|onto|to|in) (?:our|this) (?:web)?(?:site|pages?|platform|portal|paper)\b",
    "de": r"\b(?:eigene|ihre)\w*\b.{0,60}\b(?:auf|in) (?:unser|dies)\w* (?:seite|website|plattform|portal|zeitung)\w*",
    "fr": r"\b(?:vos|leurs) (?:propres )?\w+\b.{0,60}\bsur (?:notre|ce) (?:site|plateforme|portail)\b",
    "es": r"\bsus (?:propi[oa]s )?\w+\b.{0,60}\ben (?:nuestr[oa]|est[ea]) (?:sitio|web|página|plataforma|portal)\b",
}
"""How others put what is theirs on the publisher's site: what they may do next is about that."""
REACH = 2
"""Sentences within which a permission is taken back."""


class Taken(Enum):
    """How a sentence's permission is taken back."""

    VOID = "void"
    FOR_FEW = "for few"
    INBOUND = "inbound"


def _compiled(table: dict[str, str]) -> re.Pattern[str]:
    """All languages in one: a short sentence does not always tell which it is in."""
    lines = [line.strip() for lines in table.values() for line in lines.strip().splitlines()]
    return re.compile("|".join(lines))


_TABLES = {Taken.INBOUND: _compiled(_INBOUND), Taken.VOID: _compiled(_VOID), Taken.FOR_FEW: _compiled(_FOR_FEW)}
_AFTER, _BEFORE = _compiled(_ENDED), _compiled(_THEIRS)


def taken_back(place: int, sentences: Sequence[Sentence]) -> Taken | None:
    """Whether and how the permission that a sentence seems to give is none."""
    for how, table in _TABLES.items():
        if table.search(sentences[place].low):
            return how
    if any(_BEFORE.search(other.low) for other in sentences[max(0, place - 1) : place + 1]):
        return Taken.INBOUND
    after = sentences[place + 1 : place + 1 + REACH]
    return Taken.VOID if any(_AFTER.search(other.low) for other in after) else None
