"""What a permission says beside its yes and nobody here understands: then it is to be asked about.

Tables name classes of words that make a yes narrower, whatever stands around them: a day to come, an agreement, a price,
what another is said to say, so many words of a text. Words such as *only* and *except* narrow by what follows them: that
must be something the reader knows (a credit, a link, pictures, whom it is for), or the yes is none.

Searched in all languages at once: a short sentence does not always tell which it is in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aggregator.rights.notice.doubt import DENIALS, compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.rights.notice.language import Language

_LATER = {
    "en": r"\b(?:from|starting|beginning|as of|effective|until|till|before|by) (?:\S+ ){0,3}(?:19|20)\d\d\b|\b(?:plan(?:s|ning)?|intends?|hope|consider\w*|discuss\w*|propos\w+|expect) (?:\S+ )?(?:to|allow\w*|permit\w*|open\w*|whether|let\w*)\b|\b(?:soon|some day|one day|in future|in the future|next (?:year|month))\b|\bwould (?:then )?(?:be )?(?:able|allow\w*|free)\b|\b(?:used to|once) (?:allow|let|permit)\w*|\b(?:were|was|had been) (?:\S+ )?(?:free|allowed|permitted|welcome|able)\b",
    "de": r"\b(?:ab|bis|vor|seit) (?:\S+ ){0,3}(?:19|20)\d\d\b|\b(?:künftig|demnächst|bald|in zukunft|zukünftig)\b|\b(?:planen|beabsichtigen|erwägen|überlegen|prüfen)\b|\bkönnten\b|\bdurften\b|\bwar(?:en)? .{0,60}\b(?:erlaubt|gestattet|frei)\b",
    "fr": r"\b(?:à partir|à compter|dès|depuis|jusqu'|avant)\S* (?:\S+ ){0,3}(?:19|20)\d\d\b|\b(?:bientôt|prochainement|à l'avenir)\b|\b(?:envisage\w*|prévoy\w+|comptons|réfléchi\w+)\b|\b(?:pourrai(?:t|ent)|pouvai(?:t|ent))\b|\bétai(?:t|ent) .{0,40}\b(?:autoris|permis|libre)\w*",
    "es": r"\b(?:a partir|desde|hasta|antes) (?:\S+ ){0,4}(?:19|20)\d\d\b|\b(?:próximamente|pronto|en el futuro)\b|\b(?:planeamos|estudiamos|pensamos|prevemos)\b|\bpodía[ns]?\b|\bera[n]? .{0,40}\b(?:permitid|libre)\w*",
    "it": r"\b(?:dal|a partire|fino|prima)\b (?:\S+ ){0,4}(?:19|20)\d\d\b|\b(?:prossimamente|presto|in futuro)\b|\b(?:prevediamo|valutiamo|stiamo pensando)\b|\bpotevan?o?\b|\bera(?:no)? .{0,40}\b(?:consentit|permess|liber)\w*",
    "pt": r"\b(?:a partir|desde|até|antes) (?:\S+ ){0,4}(?:19|20)\d\d\b|\b(?:em breve|brevemente|futuramente|no futuro)\b|\b(?:planejamos|pretendemos|estudamos)\b|\bpodia[m]?\b|\bera[m]? .{0,40}\b(?:permitid|livre)\w*",
    "nl": r"\b(?:vanaf|tot|voor|sinds) (?:\S+ ){0,3}(?:19|20)\d\d\b|\b(?:binnenkort|in de toekomst|voortaan)\b|\b(?:overwegen|van plan)\b|\bmochten\b",
}
"""It begins later, has ended, or is only thought of."""
_AGREED = {
    "en": r"\b(?:if|once|when|unless|should|where|provided|as soon as) (?:we|our (?:editors?|desk|team|board))\b|\b(?:an?|the|our|written|signed|valid|special|separate|such|your) (?:\S+ )?(?:agreement|contract|arrangement|deal|accreditation|membership|subscription|account)\b|\bagreements?\b",
    "request": r"\b(?:may|can|are (?:free|welcome) to) (?:also )?(?:send|apply|ask|write|contact|request|submit|approach|tell|inquire|enquire)\b|\bkann .{0,40}\banfrag\w*|\bpeu(?:ven)?t (?:nous )?(?:demander|solliciter|écrire|contacter)\b|\bpueden? (?:solicitar|pedir|escribir|contactar)\b|\bpossono (?:chiedere|richiedere|scrivere)\b|\bpodem? (?:solicitar|pedir|escrever)\b|\b(?:kan|kunnen|mag|mogen) .{0,40}\b(?:aanvragen|vragen)\b",
    "de": r"\b(?:wenn|falls|sofern|soweit|sobald|nachdem|vorausgesetzt,? dass) (?:wir|die redaktion|der verlag|unsere?)\b|\b\w*(?:vertrag|verträge|vereinbarung|abkommen|abonnement|mitgliedschaft|akkreditierung)\w*\b",
    "fr": r"\b(?:si|lorsque|dès que|quand|à moins que) (?:nous|la rédaction|l'éditeur)\b|\b(?:contrat|convention|abonnement|adhésion|accréditation)s?\b|\b(?:un|notre|cet|l')\s?accord\b",
    "es": r"\b(?:si|cuando|una vez que|siempre que) (?:la redacción|llegamos|acordamos|aceptamos)\b|\b(?:contrato|convenio|acuerdo|suscripción|membresía|acreditación)s?\b",
    "it": r"\b(?:se|quando|qualora|una volta che) (?:la redazione|raggiung\w+|accett\w+)\b|\b(?:contratto|convenzione|accordo|abbonamento|accredito)\b",
    "pt": r"\b(?:se|quando|caso|uma vez que) (?:a redação|cheg\w+|aceit\w+)\b|\b(?:contrato|convênio|acordo|assinatura|credenciamento)s?\b",
    "nl": r"\b(?:als|indien|wanneer|zodra|mits) (?:we|wij|de redactie|onze)\b|\b(?:\w*contract|overeenkomst|abonnement|lidmaatschap|accreditatie)\w*\b",
}
"""It hangs on an agreement, or on what the publisher does next."""
_PRICE = re.compile(
    r"(?<!no )(?<!any )\b(?:rates?|tariffs?|priced?|prices|half[- ]price|discount\w*|invoices?|surcharge)\b|[€$£] ?\d|\b\d+(?:[.,]\d+)? ?(?:€|\$|£|euros?\b|eur\b|dollars?\b|usd\b|pounds?\b|francs?\b|franken\b|chf\b|reais\b|kron\w+)"
    r"|\b(?:preise?|preisliste|rabatt\w*|rechnung\w*|entgelt\w*|tarif\w*|remises?|factur\w+|precios?|descuento|prezz[oi]|sconto|fattura|preços?|desconto|prijs|prijzen|korting|tarieven)\b"
)
_TOLD = {
    "en": r"\b(?:states?|says?|stated|said|claims?|claimed|announce[sd]?|reports?|reported|provides?|notes?|argues?|according to .{0,30}policy,?) that\b|\b(?:their|his|her|its) (?:licen[cs]e|terms|policy|site|articles|stories)\b|\b(?:some|many|most|other) (?:\S+ )?(?:sites?|outlets|papers|newspapers|publishers|newsrooms|magazines) (?:\S+ )?(?:allow|permit|let)\b|\bmyth\b|\bmistaken\w*|\bfalse\b|\buntrue\b|\bnot true\b|\bwrong\b|\bwhatever\b|\bnot believe\b|\bcontrary\b",
    "de": r"\b(?:heißt es|besagt|sieht vor|erklärt|schreibt|behauptet|teilte mit|sagt|meint),? (?:dass\b|,)|\b(?:irrig|irrtum|falsch|irrtümlich)\w*|\bandere (?:\S+ )?(?:verlage|medien|seiten|zeitungen) (?:erlauben|gestatten)\b",
    "fr": r"\b(?:indique|stipule|affirme|prévoit|déclare|précise|annonce)\w* qu(?:e\b|')|\bd'autres (?:\S+ )?(?:sites|médias|journaux|éditeurs)\b|\bà tort\b|\bfaux\b",
    "es": r"\b(?:indica|establece|afirma|dice|señala|declara|anuncia)\w* que\b|\botros (?:\S+ )?(?:medios|sitios|diarios) (?:permit|autoriz)\w+|\bes falso\b|\bno es cierto\b",
    "it": r"\b(?:afferma|prevede|stabilisce|dichiara|annuncia|dice|indica)\w* che\b|\b(?:falso|non è vero)\b|\baltr[ie] (?:\S+ )?(?:siti|testate|giornali) (?:permett|consent)\w+",
    "pt": r"\b(?:afirma|diz|prevê|estabelece|declara|anuncia|indica)\w* que\b|\b(?:é falso|não é verdade)\b|\boutros (?:\S+ )?(?:sites|veículos|jornais) (?:permit|autoriz)\w+",
    "nl": r"\b(?:stelt|zegt|bepaalt|meldt|verklaart|schrijft),? dat\b|\b(?:onjuist|niet waar|misverstand)\b|\bandere (?:\S+ )?(?:sites|media|kranten|uitgevers) (?:staan|laten)\b",
}
"""It is what somebody else says, or what is said to be wrong."""
_PIECE = re.compile(
    r"(?<!as the )(?<!in the )(?<!at the )(?<!on the )\b(?:first|opening|ersten?|premier\w*|primer[oa]s?|primi|prime|primeir[oa]s|eerste) (?:\S+ )?(?:\d+ )?(?:words?|sentences?|lines?|paragraphs?|characters|wörter\w*|worte|sätze|satz|zeilen|zeichen|absatz|absätze|mots|phrases?|lignes|paragraphes?|signes|palabras|frases?|líneas|párrafos?|parole|frasi|righe|paragrafi?|palavras|linhas|parágrafos?|woorden|zinnen|regels|alinea\w*)\b"
    r"|\b\d+ (?:wörter\w*|worte|zeichen|zeilen|mots|signes|caractères|lignes|palabras|caracteres|líneas|parole|caratteri|righe|palavras|linhas|woorden|tekens|regels|słów|znaków|ord|tecken|tegn)\b"
)
"""So many words of it, in languages whose tables do not count them."""
_GROUP = {
    "en": r"\b(?:members?|partners?|subscribers?|customers?|affiliates?|licensees|cooperative|consortium|each other'?s?|one another'?s?|contributors?|authors?|writers|staff|employees|alumni)\b(?: \S+){0,5}? (?:may|can|are (?:free|allowed|welcome))\b|\b(?:may|can|allowed|free|welcome)\b.{0,60}\b(?:by|for|to|among|between|within) (?:\S+ ){0,2}(?:members|partners|subscribers|customers|affiliates|our (?:network|group|staff)|the (?:network|group|cooperative|consortium))\b",
    "de": r"\b\w*(?:mitglied|partner|abonnent|kund|teilnehm|genoss|angehörig)\w*,?(?: \S+){0,8}? (?:dürfen|können|darf|kann)\b|\b(?:dürfen|können|darf)\b.{0,60}\b\w*(?:mitglieder|partner|abonnenten|kunden|teilnehmer)\w*",
    "fr": r"\b(?:membres?|adhérents?|abonnés?|partenaires?|clients?|sociétaires)\b(?: \S+){0,8}? (?:peu(?:ven)?t|pourront|sont)\b|\bseul\w* .{0,60}\bpeu(?:ven)?t\b",
    "es": r"\b(?:miembros?|socios?|suscriptores?|abonados?|clientes?|afiliados?)\b(?: \S+){0,6}? (?:pueden?|podrán?)\b",
    "it": r"\b(?:membri|soci|abbonati|clienti|affiliati|partner)\b(?: \S+){0,6}? (?:possono|può|potranno)\b",
    "pt": r"\b(?:membros?|sócios?|assinantes?|clientes?|afiliados?|associados?|parceiros?)\b(?: \S+){0,6}? (?:podem|pode|poderão)\b",
    "nl": r"\b(?:leden|partners?|abonnees?|klanten|deelnemers|aangesloten)\b(?: \S+){0,6}? (?:mogen|kunnen|mag)\b",
    "all": r"\b(?:nobody|no one|none|nobody else) (?:but|except|other than)\b|\bniemand außer\b|\bpersonne (?:d'autre qu|sauf|hormis)|\bnadie (?:más que|salvo|excepto)\b|\bnessuno (?:tranne|se non|salvo)\b|\bninguém (?:além|salvo|exceto)\b|\bniemand behalve\b",
}
"""It is given to those who have joined something."""
_HEDGED = {
    "en": r"\bin principle\b|\bin theory\b|\bby default\b|\bmay be able\b|\bmay be (?:allowed|permitted|possible)\b|\bat (?:our|the editor'?s?) discretion\b|\bwith the (?:widget|embed code|player|plug-?in)\b|\biframe\b|\bembed\w*\b|\bwidgets?\b",
    "de": r"\b(?:im prinzip|prinzipiell|grundsätzlich|eventuell|unter umständen|gegebenenfalls|nach ermessen)\b|\beinbetten\b|\bwidgets?\b",
    "fr": r"\ben (?:principe|théorie)\b|\béventuellement\b|\bintégrer\b|\bwidgets?\b",
    "es": r"\ben (?:principio|teoría)\b|\beventualmente\b|\b(?:incrustar|embeber|insertar)\b|\bwidgets?\b",
    "it": r"\bin (?:linea di principio|teoria|linea di massima)\b|\beventualmente\b|\b(?:incorporare)\b|\bwidget\b",
    "pt": r"\bem (?:princípio|teoria)\b|\beventualmente\b|\bincorporar\b|\bwidgets?\b",
    "nl": r"\bin (?:principe|theorie)\b|\beventueel\b|\binsluiten\b|\bwidgets?\b",
    "law": r"\b(?:law|laws|acts?|statut\w+|fair (?:use|dealing)|copyright exceptions?|\w*gesetz(?:e|es|en|lich\w*)?|schranken|loi|ley|legge|lei|wet|auteurswet|lagen|loven|ustaw\w+)\b",
    "tool": r"\btweet\w*|\b(?:address|url|link) of\b|\bbuttons?\b|\bschaltfläche\w*|\bboutons?\b|\bbotones\b|\bpulsant\w+|\bbotões\b|\bknop(?:pen)?\b|\bknapp\w*",
    "while": r"\b(?:during|while|throughout|temporarily|for now|for the time being|während|vorübergehend|derzeit|pendant|durant|temporairement|durante|temporalmente|mentre|temporaneamente|temporariamente|tijdens|tijdelijk|voorlopig)\b",
}
"""A yes that is no firm one, or of the law and not the publisher's, or for a while, or to a tool of the publisher's."""
_THEIR = {
    "en": r"\b(?:its|their|his|her) (?:own )?(?:\S+ )?(?:articles?|stor(?:y|ies)|reporting|texts?|content|pieces?|posts?)\b(?! (?:unchanged|intact))|\b(?:permits?|allows?|lets|licen[cs]es) (?:anyone|anybody|everyone|others|people|all)\b.{0,30}\b(?:its|their)\b",
    "de": r"\b(?:seine|deren|eigenen?) (?:\S+ )?(?:\w*texte?|\w*artikel|\w*beiträge)\b",
    "fr": r"\b(?:ses|leurs|propres) (?:propres )?(?:articles|textes|contenus)\b",
    "es": r"\bsus (?:propi[oa]s )?(?:notas|artículos|textos|contenidos)\b",
    "it": r"\b(?:i suoi|i loro|propri|suoi) (?:propri )?(?:articoli|testi|contenuti)\b",
    "pt": r"\b(?:seus|suas) (?:própri[oa]s )?(?:textos|artigos|reportagens|notas)\b",
    "us": r"\b(?:may|can) be .{0,40}\bby us\b|\b(?:von|durch) uns\b|\bpar nous\b|\bpor (?:nosotros|nós)\b|\bda noi\b|\bdoor ons\b|\bletters? to the editor\b|\breaders'? letters?\b|\bleserbriefe?\w*|\blezersbrie\w+|\b(?:lettres|courrier) (?:de|des) lecteurs\b|\bcartas (?:al director|de los lectores|dos leitores)\b|\blettere (?:al direttore|dei lettori)\b",
    "nl": r"\b(?:hun|zijn|haar) (?:eigen )?(?:stukken|artikelen|teksten|berichten)\b",
}
"""Somebody else's texts, or what the publisher itself may do."""
_NARROWS = {
    "en": r"\b(?:only|solely|exclusively|merely|just|except(?:ing)?|unless|excluding|other than|apart from|save|restricted|limited)\b",
    "de": r"\b(?:nur|ausschließlich|ausschliesslich|lediglich|allein|außer|ausgenommen|es sei denn|bis auf|begrenzt|beschränkt)\b",
    "fr": r"\b(?:seule?s?|seulement|uniquement|exclusivement|sauf|hormis|excepté|à moins|limitée?s?)\b|\bne .{1,40}? qu(?:e\b|')",
    "es": r"\b(?:sol[oa]s?|sólo|solamente|únicamente|exclusivamente|salvo|excepto|a menos|limitad[oa]s?)\b",
    "it": r"\b(?:sol[oaie]|soltanto|solamente|esclusivamente|unicamente|salvo|tranne|eccetto|a meno|limitat[oaie])\b",
    "pt": r"\b(?:só|somente|apenas|unicamente|exclusivamente|salvo|exceto|a menos|a não ser|limitad[oa]s?)\b",
    "nl": r"\b(?:alleen|slechts|enkel|uitsluitend|behalve|uitgezonderd|tenzij|beperkt)\b",
    "pl": r"\b(?:tylko|wyłącznie|jedynie|z wyjątkiem|chyba że|oprócz)\b",
    "sv": r"\b(?:endast|enbart|bara|kun|utom|förutom|undtagen|unntatt|medmindre|om inte)\b",
}
"""What follows makes it narrower."""
REACH = 90
"""Characters after such a word in which the reader must know something."""
_KNOWN = (
    *("credit_source", "credit_author", "link", "keep_links", "canonical", "tracker", "copyright_notice"),
    *("licence_notice", "notify", "image", "edit", "no_edits", "translate", "sell", "no_sell", "noncommercial"),
    *("community", "nonprofit", "commercial", "agency", "third", "wish", "bio", "top", "embargo", "personal"),
    *("anyone", "others", "credit", "either", "minor"),
)
_PLAIN = re.compile(
    r"\b(?:in full|in (?:its|their) entirety|whole|complete\w*|online|on-line|web\w*|internet|full text|ganz|vollständig|im ganzen|en entier|intégral\w*|en ligne|"
    r"íntegr\w+|complet\w+|en línea|integral\w*|por inteiro|volledig|in zijn geheel|headlines?|titles?|cc|creative commons|§name)\b"
    r"|\b\w*(?:foto|photo|imag|bild|illustra|video|vídeo|vidéo|afbeelding|beeld|agenc|agenturen|agenturm|agên|persbureau)\w*|\bpictures?\b|\b(?:third[- ]part|dritte|tiers\b|terceros|terceiros|terzi\b|derden)\w*"
    r"|\b(?:otherwise|contrary|anders|contraire|contrario|contrário|diversamente|altrimenti|vermeld|angegeben|noted|marked)\b"
)
"""Other things that may follow and are known."""

_BUT_NOT = re.compile(
    r"\b(?:but|though) not(?! (?:required|necessary|obligatory|mandatory))|\b(?:aber|jedoch) nicht|\bmais pas|\bpero no|\bma non|\bmas não|\bmaar niet|\bale nie|\bmen (?:inte|ikke)"
)
"""A part is taken away: of whom (*but not on blogs*) is not heard, of what is."""
_THINGS = tuple(name for name in _KNOWN if name not in {"community", "nonprofit", "anyone", "personal", "either"})

_RATION = re.compile(
    r"\b(?:\d+|one|ein\w*|une?|una?|um|uma|één|een|jede\w) (?:\S+ )?(?:per|an?|each|every|pro|je|im|in der|par|por|al|alla|à|per|ogni"
    r"|cada|elke|iedere) (?:day|week|month|year|issue|edition|tag|woche|monat|jahr|ausgabe|jour|semaine|mois|an|numéro|día|semana"
    r"|mes|año|número|edición|giorno|settimana|mese|anno|numero|dia|mês|ano|edição|dag|maand|jaar|nummer|editie)\b"
)
"""So many in a time, whatever of."""
_FREE_SHEETS = re.compile(
    r"\bfree (?:papers?|newspapers?|magazines?|publications?|sites?|websites?|newsletters?)\b"
    r"|\b(?:kostenlos\w+|gratis|frei\w+|unentgeltlich\w+) (?:zeitung|zeitschrift|magazin|blätt|publikation|seite|website|medien|newsletter)\w*"
    r"|\b(?:publications?|journaux|médias?|sites?|revues|magazines?|publicaciones|medios|sitios|revistas|pubblicazioni|giornali"
    r"|siti|riviste|publicações|jornais|veículos) (?:gratuit|de acceso (?:libre|gratuito)|de distribu)\w*"
    r"|\bgratis (?:kranten|media|sites|tijdschriften|bladen)\b"
)
"""What costs its readers nothing: a kind of outlet, which no audience stands for."""

_SOME = {
    "en": r"\b(?:the|our) (?:editors?|publishers?|desk|board|team) (?:may|can|will)\b|\b(?:everywhere|anywhere|anything) (?:but|except)\b|\bone (?:article|story|piece|text) (?:an?|per|each|every)\b|\bonce (?:only|by|per|an?)\b|\ba single\b|\bnot (?:the|our) (?:\S+ )?(?:text|stor(?:y|ies)|articles?|reporting)\b|\b(?:that|which) (?:are|is|were|have been) (?:\S+ ){0,3}(?:public domain|marked|labell?ed|older|out of copyright|tagged|listed|designated)\b|\b(?:works?|texts?|articles?|stories|items) (?:\S+ ){0,3}in the public domain\b|\b(?:selected|certain|some|specific|individual|older|archived?|sponsored|open-?access) (?:\S+ )?(?:articles?|stor(?:y|ies)|texts?|items?|posts?|pieces?|content|material)\b",
    "de": r"\bdie redaktion (?:kann|darf|erlaubt)\b|\beine?n? (?:einzigen? )?(?:artikel|text|beitrag|meldung) (?:im|pro|je)\b|\beinmalig\w*|\bnicht (?:der|die|den|unsere) (?:\S+ )?(?:text|artikel|beitrag|beiträge|texte)\b|\b(?:gemeinfreie|ausgewählte|einzelne|einige|bestimmte|manche|ältere|gekennzeichnete|markierte)\w* (?:\S+ )?(?:\w*texte?|\w*artikel|\w*beitr\w+|werke?|inhalte?|meldungen)\w*\b",
    "fr": r"\bla rédaction peut\b|\bun (?:seul )?(?:article|texte) par\b|\bune seule fois\b|\bpas (?:le|les|nos) (?:textes?|articles?)\b|\b(?:certain|quelques|plusieurs)e?s? (?:\S+ )?(?:articles?|textes?|contenus?)\b|\b(?:articles?|textes?|contenus?|œuvres?) (?:\S+ )?(?:du domaine public|sélectionnés?|signalés?|anciens?)\b",
    "es": r"\bla redacción puede\b|\bun (?:solo )?(?:artículo|texto) (?:por|al)\b|\buna sola vez\b|\bno (?:el|los|las|nuestros) (?:textos?|artículos?|notas?)\b|\b(?:algun|ciert|determinad)[oa]s (?:artículos?|textos?|contenidos?|notas?)\b|\b(?:artículos?|textos?|contenidos?|obras?) (?:de dominio público|seleccionad|señalad|antigu)\w*",
    "it": r"\bla redazione può\b|\bun (?:solo )?(?:articolo|testo) (?:al|per|a)\b|\buna sola volta\b|\bnon (?:il|i|gli) (?:testi?|articol[oi])\b|\b(?:alcun|cert|determinat)[ie] (?:articoli|testi|contenuti)\b|\b(?:articoli|testi|contenuti|opere) (?:di pubblico dominio|selezionat|segnalat)\w*",
    "pt": r"\ba redação pode\b|\bum (?:só |único )?(?:artigo|texto) por\b|\buma (?:só|única) vez\b|\b(?:algun|algumas|cert[oa]s|determinad[oa]s)s? (?:artigos?|textos?|conteúdos?|reportagens|matérias)\b|\b(?:artigos?|textos?|conteúdos?|obras?) (?:em domínio público|selecionad|assinalad)\w*",
    "nl": r"\bde redactie (?:kan|mag)\b|\b(?:één|een|1) (?:artikel|tekst|bericht) per\b|\beenmalig\w*|\b(?:sommige|bepaalde|enkele|geselecteerde|oudere) (?:\S+ )?(?:artikelen|teksten|berichten|stukken)\b",
}
"""It is of some texts, which nobody can tell from the others."""

_CLASSES = (*map(compiled, (_LATER, _AGREED, _TOLD, _GROUP, _SOME, _HEDGED, _THEIR)), _RATION, _FREE_SHEETS)
_MARKERS = compiled(_NARROWS)
_WHO = re.compile(
    r"\b(?:who|whose|that) (?P<en>.{3,80}?) (?:may|can|are (?:free|welcome|allowed))\b|^wer (?P<de>.{3,80}?),? (?:darf|kann)\b|, (?:die|der|welche) (?P<dc>.{3,80}?), (?:dürfen|können)\b"
    r"|\bqui (?P<fr>.{3,80}?) (?:peut|peuvent)\b|\b(?:que|quien|quienes) (?P<es>.{3,80}?),? (?:puede|pueden|podrán)\b|\b(?:che|chi) (?P<it>.{3,80}?),? (?:può|possono)\b"
    r"|\b(?:que|quem) (?P<pt>.{3,80}?),? (?:pode|podem)\b|\b(?:die|wie) (?P<nl>.{3,80}?),? (?:mag|mogen|kan|kunnen)\b"
    r"|\bby (?:\S+ ){1,4}?(?:that|who|which) (?P<rel>.{3,60})"
    r"|\b(?:may|can) be (?:\S+ )?\w+ (?:\S+ ){0,4}?by (?P<by>.{3,60})"
    r"|^(?:if|when|once|wenn|falls|sofern|sobald|si|lorsque|quand|dès|cuando|se|quando|caso|als|indien|wanneer|zodra) (?P<if>.{3,100}?)(?:,|$| dann | then )"
)
"""For whom, or when: what says so must be known."""
_CLAUSE = re.compile(r"[.;:!?]")
_FREELY = re.compile(
    r"\b(?:without|ohne|sans|sin|senza|sem|zonder) (?:\S+ ){0,3}?(?:ask\w*|frag\w*|zu fragen|demander|pedir|preguntar|chiedere|pedir|perguntar|vragen|request\w*|contact\w*|writ\w+)\b|"
    r"\b(?:no|without|any|not need|need no|ohne|kein\w*|sans|aucun\w*|sin|ningún\w*|senza|nessun\w*|sem|nenhum\w*|zonder|geen) (?:\S+ ){0,3}?(?:agreement|contract|arrangement|subscription|account|membership|rates?|price|vertrag|vereinbarung|abonnement|mitgliedschaft|contrat|accord|adhésion|contrato|acuerdo|suscripción|contratto|accordo|abbonamento|acordo|assinatura|contract|overeenkomst|lidmaatschap)\b"
)
"""That none of it is needed."""


def is_unheard(low: str, language: Language) -> bool:
    """Whether a sentence that permits holds a restriction that nobody here understands."""
    rest = _FREELY.sub(" ", low)
    if _PRICE.search(rest) or _PIECE.search(rest) or any(table.search(rest) for table in _CLASSES):
        return True
    if (found := _BUT_NOT.search(low)) and not _is_known(_after(low)(found), language, _THINGS):
        return True
    whom = [part for found in _WHO.finditer(low) for part in found.groupdict().values() if part]
    return not all(_is_known(part, language) for part in (*whom, *map(_after(low), _MARKERS.finditer(low))))


def narrows(low: str) -> bool:
    """Whether a sentence has a word such as *only* or *except*."""
    return _MARKERS.search(low) is not None


def is_priced(low: str) -> bool:
    """Whether a sentence names a price."""
    return _PRICE.search(_FREELY.sub(" ", low)) is not None


def _after(low: str) -> Callable[[re.Match[str]], str]:
    """What a word such as *only* narrows a permission to: the rest of its clause."""

    def clause(marker: re.Match[str]) -> str:
        after = low[marker.end() : marker.end() + REACH]
        end = _CLAUSE.search(after)
        return after[: end.start()] if end else after

    return clause


def _is_known(clause: str, language: Language, names: tuple[str, ...] = _KNOWN) -> bool:
    """Whether the reader knows what a part of a sentence narrows it to."""
    return bool(_PLAIN.search(clause)) or any(language.search(name).search(clause) for name in names)


def is_denied_afar(low: str, grants: re.Pattern[str]) -> bool:
    """Whether strong words deny, before it, what a clause would grant without them, with something between."""
    denied, granted = DENIALS.search(low), grants.search(low)
    if denied is None or granted is None:
        return False
    last = max((found.start() for found in grants.finditer(low)), default=0)
    return denied.start() < last and not re.search(
        r"[;:.]|\bbut\b|\baber\b|\bmais\b|\bpero\b|\bma\b|\bmaar\b", low[denied.end() : last]
    )
