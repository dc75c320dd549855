"""Words that make a permission to republish narrower than it sounds: what is offered is a link or a press release, so
many texts a year, to partners, once somebody has paid, or it is denied in strong words.

By language, one table per doubt, searched in all languages at once: a short sentence does not always tell which it is
in. In doubt the narrower reading.
"""

from __future__ import annotations

import re

_SHARING = {
    "en": r"\bshar(?:e|es|ed|ing)\b|\bspread (?:the )?(?:word|news)\b",
    "de": r"\b(?:ge)?teilen\b|\bteilt\b|\bgeteilt\b|\bverlink\w*",
    "fr": r"\bpartag\w+",
    "es": r"\bcompart\w+",
    "it": r"\bcondivi\w+",
    "pt": r"\b(?:com)?partilh\w+",
    "nl": r"\bdeel\b|\bdelen\b|\bdeelt\b|\bgedeeld\b",
    "sv": r"\bdela(?:r|s)?\b|\bdele[rs]?\b",
    "pl": r"\budostępnia\w*\b",
    "zh": r"分享",
}
"""What a reader does with a link: alone it is no leave to copy."""
READING = re.compile(r"\b(?:read|view|watch|lesen|lire|leer|leggere|ler|lezen)\b|阅读")
_DENIED = {
    "en": r"\bby no means\b|\bunder no circumstances?\b|\bin no (?:case|event|way|circumstances?)\b|\bnobody\b|\bno (?:one|1)\b|\bnot? (?:at all|in any (?:way|case|event))\b|\bnever(?! need| have to| had to)\b",
    "de": r"\bkeineswegs\b|\bkeinesfalls\b|\b(?:auf|in) keine[nm] fall\b|\bunter keinen umständen\b|\bniemals\b|\bniemand\w*|\bmitnichten\b",
    "fr": r"\ben aucun(?:e)? (?:cas|façon|manière|circonstance)\b|\baucune? (?:re(?:production|prise|publication|diffusion)|copie|utilisation|publication)\b|\baucunement\b|\bnullement\b|\bjamais\b|\bpersonne ne\b",
    "es": r"\b(?:en|bajo) ning[uú]n\w*|\bde ning[uú]n\w* (?:modo|manera|forma)\b|\ben modo alguno\b|\bde (?:modo|forma|manera) alguna\b|\bjamás\b|\bnunca\b",
    "it": r"\bin nessun\w* (?:caso|modo|maniera|circostanza)\b|\bin alcun (?:caso|modo)\b|\bnessuna (?:riproduzione|ripubblicazione|copia)\b|\baffatto\b|\bmai\b",
    "pt": r"\bde (?:forma|modo|maneira) (?:alguma|algum|nenhuma|nenhum)\b|\bem (?:nenhum caso|hipótese alguma|nenhuma hipótese)\b|\bde jeito nenhum\b|\bjamais\b|\bnunca\b",
    "nl": r"\bin geen (?:enkel )?geval\b|\bonder geen (?:beding|enkele?|omstandighe\w+)\b|\bop geen enkele\b|\bgeenszins\b|\bnooit\b",
    "zh": r"绝不|绝对不|一律不",
}
"""Strong words that deny the permission that they stand beside."""
_OTHER_OBJECT = {
    "en": r"\brecordings?\b|\bpress (?:releases?|kits?|photos?|statements?)\b|\bmedia releases?\b|\bdata ?sets?\b|\bgift (?:articles?|links?|cards?)\b|\bcomments?\b|\bforum posts?\b|\bvideos?\b|\bmaps?\b|\bcharts?\b|\bfonts?\b|\bicons?\b|\bmusic\b|\barchives?\b|\bsource code\b|\bsoftware\b|\bapis?\b|\bdata\b|\bstatistics\b|\bobituar(?:y|ies)\b|\breprints\b|\b(?:ads?|adverts?|advertisements|classifieds|sponsored \w+|notices)\b|\b(?:address(?:es)?|urls?|links?) (?:of|to) (?:any|our|the|an?) \w+\b|\b(?:games?|puzzles?|crosswords?|recipes?|books?|podcasts?|(?:names|titles|headlines) of (?:our|the) \w+)\b",
    "de": r"\bpresse(?:mitteilung|information|meldung|erklärung|foto|bild|mappe|text)\w*|\bdatens[aä]tz\w*|\bmedienmitteilung\w*|\bquell(?:code|text)\w*|\bsoftware\b|\bdaten\b|\bstatistiken?\b|\bpodcasts?\b|\b(?:klein)?anzeigen\b|\bgewinnspiel\w*|\btraueranzeigen\b|\bbücher\b|\bbuch\b|\b\w*fotos?\b",
    "fr": r"\bcommuniqués?(?: de presse)?\b|\bdossiers? de presse\b|\bjeux? de données\b|\bannonces?(?: légales?| classées)?\b|\bpetites annonces\b|\bdonnées\b|\bcode source\b|\blogiciels?\b",
    "es": r"\bcomunicados?(?: de prensa)?\b|\bnotas? de prensa\b|\bconjuntos? de datos\b|\banuncios?(?: clasificados)?\b|\besquelas\b|\bdatos\b|\bcódigo fuente\b|\bprogramas?\b",
    "it": r"\bcomunicat[oi](?: stampa)?\b|\bdataset\b|\bannunci\b|\bnecrologi\b|\bdati\b|\bcodice sorgente\b|\bsoftware\b",
    "pt": r"\bcomunicados?(?: de imprensa)?\b|\bnotas? (?:de|à) imprensa\b|\bconjuntos? de dados\b|\banúncios\b|\bclassificados\b|\bdados\b|\bcódigo-fonte\b|\bsoftware\b",
    "nl": r"\bpersbericht\w*|\bdataset\w*|\badvertenties?\b|\bbroncode\b|\bsoftware\b|\bgegevens\b|\b\w*foto'?s?\b",
    "zh": r"新闻稿|数据集",
}
_OF_THE_SITE = re.compile(
    r"\b(?:of|on|from|behind) (?:this|our|the) (?:web ?)?(?:sites?|pages?)\b|\b(?:dieser|unserer|der) (?:web ?)?(?:seiten?|site)\b"
    r"|\b(?:de|du|sur) (?:ce|notre|le) site\b|\bde (?:este|nuestro|la) (?:sitio|web|página)\b|\bvan (?:deze|onze|de) (?:web)?site\b"
)
"""Where a thing stands, and not what is given."""
_CAPTION = re.compile(
    r"^(?:photo|foto|image|bild|picture|illustration|crédit|credit|imagen|immagine|imagem|beeld|titelbild|cover|图|照片)\w*"
    r"(?: credit)?\s*(?:[::/]|by\b|von\b|par\b)"
)
_LISTED = re.compile(r"^(?:only )?the following\b[^:]*: ?(.+)|^(?:nur )?folgendes?\b[^:]*: ?(.+)")
"""What alone may be used is listed by name."""
_BORROWED = re.compile(r"\b(?:wikipedia|wikimedia|flickr|unsplash|pixabay|openstreetmap)\b")
"""Whose works stand on many pages under their own licences."""
_PERIOD = {
    "en": r"\b\d+ (?:\S+ ){0,3}?(?:articles?|stor(?:y|ies)|pieces?|posts?|texts?|items?|reports?|features?)(?: \S+){0,3}? (?:a|an|per|each|every) (?:calendar )?(?:day|week|month|quarter|year|issue|edition)\b",
    "de": r"\b\d+ (?:\S+ ){0,3}?(?:artikel|beitr[aä]ge?|texte?|meldung(?:en)?|berichte?)\w*(?: \S+){0,3}? (?:im|pro|je|jede[nsr]?) (?:kalender)?(?:tag|woche|monat|quartal|jahr|ausgabe)\b",
    "fr": r"\b\d+ (?:\S+ ){0,3}?(?:articles?|textes?|contenus?|papiers?|sujets?)(?: \S+){0,3}? (?:par|chaque) (?:jour|semaine|mois|trimestre|an|année|numéro)\b",
    "es": r"\b\d+ (?:\S+ ){0,3}?(?:artículos?|textos?|notas?|piezas?|noticias?)(?: \S+){0,3}? (?:por|al|a la|cada) (?:día|semana|mes|trimestre|año|número|edición)\b",
    "it": r"\b\d+ (?:\S+ ){0,3}?(?:articol[oi]|test[oi]|pezz[oi]|notizi[ae])(?: \S+){0,3}? (?:al|per|alla|ogni|all') ?(?:giorno|settimana|mese|trimestre|anno|numero)\b",
    "pt": r"\b\d+ (?:\S+ ){0,3}?(?:artigos?|textos?|reportage[nm]s?|matérias?|notícias?)(?: \S+){0,3}? (?:por|ao|à|cada) (?:dia|semana|mês|trimestre|ano|edição)\b",
    "nl": r"\b\d+ (?:\S+ ){0,3}?(?:artikel(?:en)?|bericht(?:en)?|stuk(?:ken)?|tekst(?:en)?)(?: \S+){0,3}? (?:per|elke?|ieder|iedere) (?:dag|week|maand|kwartaal|jaar|nummer|editie)\b",
    "zh": r"每(?:年|月|周|天|日|期|季度)[^,。,]{0,8}\d+ ?[篇条]|\d+ ?[篇条]\s?/\s?[年月周天]",
}
"""So many texts in a time: no limit of a policy says that, so a person must."""
_FIRST = {
    "en": r"""
        \b(?:once|after|when|as soon as|moment|if|provided|as long as|so long as|on condition|until)\b.{0,80}\b(?:bought|purchas\w+|paid|pays?|paying|obtain\w*|signed|signs?|agreed|asked|in writing|lifted|approved?|cleared)\b
        \bmust first\b|\bhave first\b|\bfirst (?:obtain|buy|sign|get|agree|ask|pay)\b|\bpublished (?:\S+ ){0,2}(?:before|until|prior to|up to|older than)\b
        \bsyndicat(?:ion|ed)\b.{0,40}\b(?:available|services?|team|packages?|rates?|desk|customers?)\b
        \b(?:partners|members|subscribers|licensees|customers|clients)\b (?:\S+ ){0,2}(?:may|can|are|have|get|re\w+|use|copy)\b
        \bwith (?:our|the|prior|written|express|my|their) (?:\S+ ){0,3}(?:permission|consent|approval|agreement)\b|\bin our (?:network|group|alliance)\b
        \b(?:limited|restricted|confined|reserved) to\b|\b(?:after|on|upon|following|under) (?:\S+ ){0,3}(?:agreement|contract|deal|payment|approval|request|registration)\b
        \b(?:newspapers?|papers|websites?|sites?|media|outlets?|stations?|schools|libraries|publishers|groups) (?:based |located )?(?:in|from|within) (?!print|full|part\b|their|its|any\b|which|whole|exchange|return|accordance|addition|general|an?\b|all\b|this|that|other|line\b|our|every|each|your|the future)[§\w]+
        \b(?:usually|normally|generally|often|sometimes|occasionally|in most cases|as a rule)\b.{0,40}\b(?:giv\w+|grant\w*|agree\w*|allow\w*|permit\w*|approv\w+|say yes)\b|\b(?:on|free|during the|for a) trial\b|\bevaluation (?:only|purposes)\b
        \b(?:that|which|who) (?:have|has|had) (?:\S+ )?(?:signed|paid|joined|registered|agreed|subscribed|bought)\b|\b(?:named|selected|chosen|invited|participating) (?:\S+ )?(?:newspapers?|papers?|outlets?|sites?|media|publishers?|titles|organi[sz]ations|blogs?)\b|\bpilot (?:project|scheme|phase|programme|program)\b
        \bholding (?:an?|the) (?:\S+ ){0,3}(?:licen[cs]e|contract|subscription)\b|\b(?:texts?|articles?|stor(?:y|ies)|items?|content|material|pieces?|posts?) (?:that (?:is|are) |which (?:is|are) )?(?:marked|labell?ed|flagged|tagged) (?:with|by|as)\b
    """,
    "de": r"""
        \b(?:sobald|nachdem|wenn|sofern|falls|vorausgesetzt|soweit)\b.{0,80}\b(?:erworben|erwerben|gekauft|kaufen|bezahl\w*|zahlen|zahlt|schriftlich\w*|unterzeichne\w*|unterschrieben|eingeholt|vereinbart|freigegeben)\b
        \b(?:vor|bis) (?:\S+ ){0,2}(?:erschienen|veröffentlicht)\w*\b|\b\w*(?:partner|mitglieder|abonnenten|kunden|lizenznehmer) (?:\S+ ){0,2}(?:dürfen|können)\b
        \bmit (?:unserer|der|ihrer|vorheriger|schriftlicher) (?:\S+ )?(?:genehmigung|zustimmung|erlaubnis|einwilligung)\b|\bin unserem (?:netzwerk|verbund)\b
        \bbeschränkt auf\b|\bvorbehalten\b|\bnach (?:\S+ ){0,2}(?:abschluss|vereinbarung|absprache|rücksprache|zahlung|genehmigung|zustimmung|freigabe|anfrage)\b|\bauf (?:anfrage|nachfrage|antrag)\b
        \bim einzelfall\b|\bfallweise\b|\bvon fall zu fall\b|\b(?:in der regel|meist(?:ens)?|üblicherweise|gewöhnlich|normalerweise|manchmal)\b.{0,60}\b(?:erteil|genehmig|stimm|erlaub|gestatt)\w*|\bprobe(?:weise|abo|monat|zeit)\w*|\btestphase\b
        \bdie (?:\S+ ){0,6}(?:unterzeichnet|unterschrieben|abonniert|registriert|bezahlt) haben\b|\b(?:ausgewählte|teilnehmende)[nrs]?\b|\bpilotprojekt\w*
        \bnur (?:mit|durch) (?:\S+ ){1,5}(?:gekennzeichnet|markiert|versehen|ausgezeichnet)\w*|\bnur (?:gekennzeichnet|markiert)\w*
    """,
    "fr": r"""
        \b(?:une fois|après|lorsque|dès que|si|à condition|moyennant|sous réserve)\b.{0,80}\b(?:achet\w+|achat|pay[ée]\w*|paiement|acquitt\w+|obtenu\w*|obtenir|sign[ée]\w*|par écrit|écrite?)\b
        \bpublié\w* avant\b|\b(?:partenaires|adhérents|abonnés|membres|clients)\b (?:\S+ ){0,3}(?:peuvent|sont)\b
        \bavec (?:notre |son |leur |l')(?:\S+ )?(?:autorisation|accord|permission)\b|\bde notre réseau\b
        \b(?:limitée?s?|réservée?s?) (?:à|aux?)\b|\b(?:après|sur) (?:\S+ ){0,2}(?:signature|paiement|accord|contrat|demande)\b
        \bau cas par cas\b|\b(?:généralement|habituellement|d'ordinaire|en général|parfois)\b.{0,50}\b(?:accord|autoris|accept|permet)\w+|\b(?:à l'|d')essai\b
        \b(?:ayant|qui ont) (?:\S+ )?(?:signé|payé|adhéré|souscrit)\w*|\b(?:sélectionnés?|participants?)\b|\bprojet pilote\b
        \b(?:signalé|marqué|identifié|estampillé)e?s? (?:par|d'|avec|du|comme)\b
    """,
    "es": r"""
        \b(?:una vez|después de|cuando|si|siempre que|previo|previa|mediante)\b.{0,80}\b(?:compr\w+|pago|pague\w*|pagado|pagar|firm\w+|obten\w+|obtuv\w+|por escrito)\b
        \bpublicad\w+ (?:antes|hasta)\b|\b(?:socios|suscriptores|miembros|clientes)\b (?:\S+ ){0,3}pueden\b
        \bcon (?:nuestr[oa]|la|el|previ[oa]|su) (?:\S+ )?(?:autorización|permiso|consentimiento)\b|\bde nuestra red\b
        \b(?:limitad|reservad)[oa]s? (?:a|al)\b|\b(?:tras|previ[oa]|bajo) (?:\S+ ){0,2}(?:firm\w+|pago|acuerdo|convenio|contrato|solicitud)\b|\ba petición\b
        \bcaso por caso\b|\b(?:solemos|normalmente|generalmente|habitualmente|por lo general|a veces)\b.{0,50}\b(?:conced|autori|acept|permit|respond)\w+|\bper[ií]odo de prueba\b
        \bque (?:han|hayan) (?:\S+ )?(?:firmado|pagado|suscrito)\b|\bseleccionad\w+|\bproyecto piloto\b
        \b(?:marcad|señalad|identificad)[oa]s? (?:con|por|como)\b
    """,
    "it": r"""
        \b(?:una volta|dopo|quando|se|purché|previo|previa|dietro)\b.{0,80}\b(?:acquist\w+|pagat\w*|pagamento|firmat\w*|ottenut\w*|ottenere|per iscritto|scritta)\b
        \bpubblicat\w+ (?:prima|fino)\b|\b(?:partner|soci|abbonati|clienti|membri)\b (?:\S+ ){0,3}possono\b
        \bcon (?:la nostra |il nostro |previ[oa] |l')(?:\S+ )?(?:autorizzazione|permesso|consenso)\b|\bdella nostra rete\b
        \b(?:limitat|riservat)[oaie] (?:a|ai|agli|alle|al)\b|\b(?:dopo|previ[oa]|su) (?:\S+ ){0,2}(?:firma|pagamento|accordo|contratto|richiesta)\b
        \bcaso per caso\b|\b(?:di solito|solitamente|normalmente|in genere|generalmente|a volte)\b.{0,50}\b(?:conced|autorizz|accett|permett|rispond)\w+|\bche (?:ce|me) l[aoei] chied\w+|\bperiodo di prova\b
        \bche (?:hanno|abbiano) (?:\S+ )?(?:firmato|pagato|sottoscritto|aderito)\b|\bselezionat\w+|\bprogetto pilota\b
        \b(?:contrassegnat|segnalat|marcat)[oaie] (?:con|da|come)\b
    """,
    "pt": r"""
        \b(?:depois|uma vez|quando|se|desde que|mediante|após)\b.{0,80}\b(?:compr\w+|pago|pague\w*|pagar|pagamento|assinar|assinado|assinatura|obtid\w+|obtenh\w+|obter|por escrito)\b
        \bpublicad\w+ (?:antes|até)\b|\b(?:parceiros|assinantes|membros|sócios|clientes)\b (?:\S+ ){0,3}podem\b
        \bcom (?:a nossa|nossa|a|prévia|sua) (?:\S+ )?(?:autorização|permissão)\b|\bda nossa rede\b
        \b(?:limitad|reservad)[oa]s? (?:a|ao|aos|às)\b|\b(?:após|mediante|sob) (?:\S+ ){0,2}(?:assinatura|pagamento|acordo|contrato|pedido|consulta)\b
        \bcaso a caso\b|\b(?:costumamos|normalmente|geralmente|em geral|às vezes)\b.{0,50}\b(?:conced|autoriz|aceit|permit|respond)\w+|\bperíodo de (?:teste|experiência)\b
        \bque (?:tenham|têm) (?:\S+ )?(?:assinado|pago|aderido)\b|\bselecionad\w+|\bprojeto[- ]piloto\b
        \b(?:marcad|assinalad|identificad)[oa]s? (?:com|por|como)\b
    """,
    "nl": r"""
        \b(?:zodra|nadat|als|indien|mits|wanneer|tegen)\b.{0,80}\b(?:gekocht|koopt|betaal\w*|betaling|betaald|ondertekend|getekend|verkregen|schriftelijk\w*)\b
        \bgepubliceerd (?:voor|tot)\b|\b(?:partners|leden|abonnees|klanten)\b (?:\S+ ){0,3}(?:mogen|kunnen)\b
        \bmet (?:onze|de|voorafgaande|schriftelijke) (?:\S+ )?toestemming\b|\bin ons netwerk\b
        \bbeperkt tot\b|\bvoorbehouden aan\b|\b(?:na|tegen|op) (?:\S+ ){0,2}(?:ondertekening|betaling|overeenkomst|contract|aanvraag|overleg)\b
        \bper geval\b|\b(?:meestal|doorgaans|gewoonlijk|in de regel|soms)\b.{0,50}\b(?:geven|verlenen|verleend|toestemm\w+|akkoord)\b|\bproef(?:periode|abonnement|maand)\b
        \bdie (?:\S+ ){0,6}(?:getekend|ondertekend|betaald|aangesloten)\b|\b(?:geselecteerde|deelnemende)\b|\bproefproject\w*
        \b(?:gemarkeerd\w*|gemerkt\w*|gelabeld\w*) (?:met|als)\b
    """,
    "zh": r"付费后|购买.{0,12}后|支付.{0,12}后|签订|签署|经(?:本报|本站|我们)?(?:许可|授权|同意)后|合作(?:媒体|伙伴)|书面(?:同意|授权|许可)",
    "pl": r"\bindywidualnie\b|\bkażdorazowo\b|\b(?:zazwyczaj|zwykle|czasami)\b|\b(?:abonen\w+|subskryben\w+|członkowie|partnerzy|klienci)\b (?:\S+ ){0,3}mogą\b|\bokres\w* próbn\w+|\btylko (?:\S+ ){0,3}oznaczon\w+",
}
"""What must come before it, for whom alone it is, or that it is for older texts."""
_PAPER = re.compile(
    r"\b(?:parish|church) (?:magazines?|newsletters?|bulletins?|papers?)\b|\bnotice ?boards?\b|\bleaflets?\b|\bposters?\b"
    r"|\b(?:kirchen|gemeinde|pfarr|vereins|amts|mitteilungs)(?:blatt|blätt|brief|zeitung|heft)\w*|\bschauk[aä]sten\b|\baushang\b|\bplakat\w*|\bflugbl\w+"
    r"|\bbulletins? paroissia\w+|\bpanneaux? d'affichage\b|\bhojas? parroquia\w+|\btabl[oó]n(?:es)? de anuncios\b"
    r"|\bbollettin\w+ parrocchial\w+|\bbachec\w+|\bbolet\w+ paroquia\w+|\b(?:parochie|kerk)blad\w*|\bprikbord\w*|\bgazet\w+ parafialn\w+"
    r"|\b(?:on paper|in print)\b|\b(?:auf papier|in gedruckter form|sur papier|su carta|(?:en|em) papel|op papier|na papierze|på pap(?:per|ir))\b"
)
_ONLINE = re.compile(
    r"\b(?:online|on-line|web\w*|sites?|internet\w*|blogs?|digital\w*|\w*seiten?|en ligne|en línea|strona?\w*)\b"
)
"""A place on paper, and words for one that is not: what is offered for paper alone is no offer for a page."""
_FREE = re.compile(
    r"\bwithout (?:having to )?pay\w*|\bnot (?:have to )?pay\b|\b(?:no|never|nothing to) pay\w*|\bohne (?:\S+ ){0,3}(?:zahlen|bezahlen|zahlung)|\bsans (?:rien )?payer\b"
    r"|\bsin pagar?\b|\bsenza pag\w+|\bsem pagar\b|\bzonder (?:te )?betal\w+"
)
_READER = {
    "en": r"\b(?:for )?(?:your|their) own (?:use|reference|records|archives?|files|enjoyment)\b|\bfor yourself\b|\b(?:only|just|merely) (?:to )?read\b|\bread(?:ing)? only\b|\bprint(?:ing)? out\b|\b(?:store|save|keep|download) (?:\S+ ){0,3}cop(?:y|ies)\b|\bpersonal archive\b|\bto (?:a|your) friends?\b|\b(?:ask\w*|wonder\w*)\b.{0,30}\b(?:whether|if)\b",
    "de": r"\b(?:zum|für den) eigen\w* (?:gebrauch|bedarf|zwecke?)\b|\bfür sich selbst\b|\bausdrucken\b|\b(?:nur|bloß|lediglich|ausschließlich) (?:zu )?lesen\b|\bfrag\w*.{0,25}\bob\b",
    "fr": r"\b(?:votre|son|leur) propre usage\b|\busage propre\b|\bpour votre usage\b|\bà un ami\b|\bimprimer\b|\b(?:seulement|uniquement|simplement) (?:à )?(?:lire|la lecture)\b|\bdemand\w+.{0,25}\bsi\b",
    "es": r"\b(?:su|tu) propio uso\b|\buso propio\b|\bimprimir\b|\ba un amigo\b|\b(?:solo|sólo|únicamente) (?:para )?leer\w*\b|\bpregunt\w+.{0,25}\bsi\b",
    "it": r"\b(?:proprio uso|uso proprio)\b|\bstampare\b|\b(?:solo|soltanto|solamente) (?:per )?legger\w+\b|\b(?:chied|domand)\w+.{0,25}\bse\b",
    "pt": r"\b(?:próprio uso|uso próprio)\b|\bimprimir\b|\b(?:só|somente|apenas) (?:para )?ler\b|\bpergunt\w+.{0,25}\bse\b",
    "nl": r"\beigen gebruik\b|\bafdrukken\b|\b(?:alleen|slechts|enkel) (?:om )?(?:te )?lezen\b|\bvra(?:ag|ge)\w*.{0,25}\bof\b",
    "zh": r"仅供(?:个人)?(?:阅读|学习|参考)|自用",
    "copy": r"\bprivate cop(?:y|ies|ying)\b|\bprivatkopien?\b|\bcopies? privées?\b|\bcopias? privadas?\b|\bcopi[ae] privat[ae]\b|\bcópias? privadas?\b|\b(?:privékopie\w*|thuisgebruik)\b|\bfrei (?:zugänglich|lesbar|abrufbar)\b|\blesbar\b|\b(?:accès|acceso|accesso|acesso) .{0,40}\b(?:libre|libero|livre|gratuit\w*|gratis)\b|\btoegang .{0,40}\b(?:gratis|vrij)\b",
    "class": r"\b(?:in de klas|im unterricht|en classe|en clase|in classe|(?:em|na|nas) salas? de aula|in de les|na potrzeby lekcji|till sina elever|to (?:their|your) (?:pupils|students)|à leurs élèves|pour leurs élèves|en el aula)\b|课堂",
    "all": r"\b(?:says?|said|writes?|wrote|states?|schreibt|sagt|erklärt|dit|écrit|dice|dijo|diz|disse|scrive|zegt|schrijft) ?[::,] ?[\"'«„“‘]",
}
"""For a reader at home; or somebody's question, or what another says, told."""
_OFFER = re.compile(
    r"\b(?:licensing|syndication|rights|sales) (?:team|desk|department)\b|\b(?:fees?|prices?|rates?|quotes?|an offer)\b"
    r"|\b(?:lizenz|rechte|vertriebs)\w*(?:team|abteilung)\b|\bangebot\b|\bpreise?\b|\bgebühr\w*|\bdevis\b|\btarifs?\b|\bservice (?:des droits|commercial)\b"
    r"|\bpresupuesto\b|\btarifas?\b|\bpreventivo\b|\btariff[ae]\b|\borçamento\b|\bofferte\b|\btarie(?:f|ven)\b"
)
"""What follows a yes that is no more than the start of a sale."""
YES_MAX = 4
"""Words of a bare yes."""
_EXCEPT = {
    "en": r"\b(?:except(?:ing)?(?: for| by| to)?|save for|other than|apart from|excluding|but not (?:for|by|to))\b",
    "de": r"\b(?:außer|ausgenommen|mit ausnahme|ausschließlich nicht)\b",
    "fr": r"\b(?:sauf|hormis|excepté|à l'exception)\b",
    "es": r"\b(?:salvo|excepto|a excepción|con excepción)\b",
    "it": r"\b(?:salvo|eccetto|tranne|ad eccezione|fatta eccezione|ad esclusione)\b",
    "pt": r"\b(?:salvo|exceto|à exceção|com exceção)\b",
    "nl": r"\b(?:behalve|uitgezonderd|met uitzondering)\b",
}
_EXCEPTED = re.compile(
    r"^(.{3,80}?)\b(?:excepted|excluded|ausgenommen|uitgezonderd|exclus\w*|excluid\w+|esclus\w+)\b|除了?([^,。,]{1,20}?)(?:之)?外"
)
"""What is excepted stands before the word."""
_FREE_FOR = re.compile(
    r"\b(?:free|(?:honorar|kosten)?frei|kostenlos|libres?|gratuit\w*|gratis|liber[oae]|livres?|vrij)(?: of charge)? (?:for|für|pour|para|per|voor) "
    r"(?!(?:the |die |la |le |l'|el |os? |il |de |jede\w* |toute? |any |all |every\w*|alle\w*|tous|todos|todas|tutt\w+|iedereen|jeder\w*|sein |su |your )?"
    r"(?:re|us|nutz|verwend|veröffent|abdruck|nachdruck|util|reprod|public|gebruik|herpub|anyone|everyone|everybody|all\b|any\b|alle|jede|tou|tod|tutt|ieder))"
)
"""It is free for somebody: if nobody knows for whom, it is to be asked."""
_TITLES = re.compile(
    r"\b(?:head(?:line|ing)s?|titles?|überschrift\w*|schlagzeile\w*|titel|titres?|titulares?|títulos?|titol[oi]|manchetes?|kop(?:pen)?)\b|标题"
)
_MORE = re.compile(
    r"\b(?:summar\w+|excerpts?|extracts?|snippets?|teasers?|abstracts?|sentences?|paragraphs?|words?|lines?|characters?|leads?|intros?|standfirst|quot\w+|passages?|descriptions?"
    r"|zusammenfassung\w*|vorspann|anriss\w*|auszug|auszüge\w*|satz|sätze\w*|absatz|absätze|zeichen|wörtern?|zitat\w*|kurzfassung\w*"
    r"|résumés?|chapôs?|extraits?|citations?|phrases?|paragraphes?|mots|signes|caractères"
    r"|resúmen\w*|resumen|extractos?|entradilla|párrafos?|frases?|palabras|citas?|caracteres|fragmentos?"
    r"|riassunt\w+|estratt\w+|sommari\w*|paragraf\w+|parole|frasi|citazion\w+|caratteri|righe"
    r"|resumos?|trechos?|parágrafos?|palavras|excertos?|samenvatting\w*|fragment\w*|citat\w+|citaat|alinea\w*|zin|zinnen|woorden|regels|tekens)\b|摘要|节选|导语|首段|字|段"
)
_SOMEBODY_MAY = {
    "en": r"^((?:[\w'’-]+ ){1,5}?)(?:may|can|are (?:free|welcome|allowed|permitted|invited) to) (?:also |freely |then )?(?!be\b|not\b|only\b|have\b)",
    "de": r"^((?:[\w-]+ ){1,5}?)(?:dürfen|können)\b(?!.*\b(?:werden|sein)\b)",
    "fr": r"^((?:[\w'’-]+ ){1,5}?)(?:peuvent|peut|pourront) (?!être\b|se\b|s')",
    "es": r"^((?:[\w-]+ ){1,5}?)(?:pueden|puede|podrán) (?!ser\b|\w+se\b)",
    "it": r"^((?:[\w'’-]+ ){1,5}?)(?:possono|può) (?!essere\b|\w+si\b)",
    "pt": r"^((?:[\w-]+ ){1,5}?)(?:podem|pode) (?!ser\b)",
    "nl": r"^((?:[\w-]+ ){1,5}?)(?:mogen|mag|kunnen|kan)\b(?!.*\bworden\b)",
    "pl": r"^((?:[\w-]+ ){1,5}?)(?:mogą|może) (?!być\b|zostać\b)",
}
"""Somebody may, named in front: `dentists may republish …`. Not what may be done, nor by whom."""
_EVERYBODY = {
    "en": r"\b(?:you|any\w*|every\w*|one|they|who\w*|we|i|he|she|it|this|that|these|those|all|others?|people|persons?|public|readers?|users?|visitors?|editors?|publish\w+|publications?|media|outlets?|news\w*|papers?|magazines?|\w*sites?|web\w*|blog\w*|portals?|journalists?|part(?:y|ies)|organi[sz]ations?|journals?|stations?|broadcast\w+|radio|which|what|there|no|nobody|none)\b|§",
    "de": r"\b(?:sie|du|ihr|man|jede\w*|alle\w*|wer|andere\w*|dritte\w*|leser\w*|nutzer\w*|redaktion\w*|verlag\w*|\w*medien|\w*zeitung\w*|\w*seiten?|websites?|blog\w*|portale?|journalist\w*|interessierte|wir|ich|es|das|dies\w*|hier\w*|damit|dann|organisation\w*|einrichtung\w*)\b",
    "fr": r"\b(?:vous|on|tous|toute?s?|chacun\w*|tiers|lecteurs|internautes|utilisateurs|médias|journaux|\w*sites?|blogs?|éditeurs?|rédactions?|journalistes|ils?|elles?|qui\w*|nous|cela|organi\w+|tu|ceux)\b",
    "es": r"\b(?:usted\w*|cualquier\w*|tod[oa]s?|quien\w*|terceros|lectores|usuarios|medios|diarios|periódicos|sitios?|webs?|páginas?|blogs?|editores|redacciones|periodistas|se|organizaciones|esto|no|también)\b",
    "it": r"\b(?:chiunque|tutti|voi|tu|terzi|lettori|utenti|testate|giornali|siti?|blog|editori|redazioni|giornalisti|si|media|chi|organizzazioni|ciascuno|ognuno|non|lei)\b",
    "pt": r"\b(?:você\w*|qualquer|tod[oa]s?|quem|terceiros|leitores|usuários|utilizadores|veículos|jornais|sites?|blogs?|editores|redações|jornalistas|meios|portais|organizações|não)\b",
    "nl": r"\b(?:u|je|jij|jullie|men|iedereen|anderen?|derden|lezers|gebruikers|media|kranten|\w*sites?|blogs?|redacties|uitgevers|journalisten|wie|dit|dat|het|organisaties|er|daarvoor)\b",
    "pl": r"\b(?:każd\w+|wszys\w+|inn\w+|czytelni\w+|użytkowni\w+|media|redakcj\w+|portale?|stron\w*|gazet\w+|wydawc\w+|dziennikarz\w*|blog\w*|to|nie|organizacj\w+)\b",
}
"""Words that name nobody in particular, or whoever publishes."""
NEAR = 40
"""Characters between a strong word and what it denies, where that stands before it."""


def compiled(table: dict[str, str]) -> re.Pattern[str]:
    """A table's languages in one."""
    lines = [line.strip() for lines in table.values() for line in lines.strip().splitlines()]
    return re.compile("|".join(lines))


SHARING, DENIALS, _OBJECTS = compiled(_SHARING), compiled(_DENIED), compiled(_OTHER_OBJECT)
_NARROW = re.compile(f"{compiled(_PERIOD).pattern}|{compiled(_FIRST).pattern}")
_EXCEPTIONS, _AT_HOME = compiled(_EXCEPT), compiled(_READER)
_SUBJECTS = {code: (re.compile(_SOMEBODY_MAY[code]), re.compile(_EVERYBODY[code])) for code in _SOMEBODY_MAY}


def is_denied(low: str, grants: re.Pattern[str]) -> bool:
    """Whether a clause denies in strong words what it would grant without them.

    Args:
        grants: how its language grants.
    """
    denied = DENIALS.search(low)
    if denied is None:
        return False
    granted = grants.search(low)
    return (
        granted is not None
        and denied.start() - granted.end() < NEAR
        and (denied.start() < granted.end() or not re.search(r"[,;:]", low[granted.end() : denied.start()]))
    )


def is_narrow(low: str) -> bool:
    """Whether a permission is for so many texts, for few, or once something has been done: it must be asked about."""
    return _NARROW.search(_FREE.sub(" ", low)) is not None


def is_on_paper(low: str) -> bool:
    """Whether a permission is for a notice board, a parish magazine and the like, and for no page on the web."""
    return _PAPER.search(low) is not None and _ONLINE.search(low) is None


def is_sold(low: str, after: str) -> bool:
    """Whether a bare yes (`Gladly!`) is followed by a price.

    Args:
        after: the next sentence.
    """
    return len(low.split()) <= YES_MAX and _OFFER.search(after) is not None


def is_for_readers(low: str) -> bool:
    """Whether a permission is for a reader at home, or only somebody's question about one."""
    return _AT_HOME.search(low) is not None


def is_of_other_things(low: str, text: re.Pattern[str]) -> bool:
    """Whether a clause speaks of press releases and the like, and not of articles.

    Args:
        text: how its language names articles.
    """
    if _CAPTION.match(low):
        return True
    listed = _LISTED.match(low)
    if listed is not None and text.search(listed[1] or listed[2]) is None:
        return True
    return _OBJECTS.search(low) is not None and text.search(_OBJECTS.sub(" ", _OF_THE_SITE.sub(" ", low))) is None


def is_borrowed(low: str) -> bool:
    """Whether a licence is that of somebody else's work, which is only used here."""
    return _BORROWED.search(low) is not None


def is_for_somebody(low: str) -> bool:
    """Whether something is free for somebody; who that is must be known from elsewhere."""
    return _FREE_FOR.search(low) is not None


def is_of_a_group(low: str, code: str, text: re.Pattern[str]) -> bool:
    """Whether a permission is given to people who are named and are not known: `farmers may republish our reports`.

    Args:
        code: the sentence's language.
        text: how that language names articles: `articles may run elsewhere` speaks of no people.
    """
    if code not in _SUBJECTS:
        return False
    may, everybody = _SUBJECTS[code]
    found = may.search(low)
    return found is not None and not everybody.search(found[1]) and not text.search(found[1])


def speaks_to_somebody(low: str, code: str) -> bool:
    """Whether a clause names nobody in particular, or whoever publishes: `you`, `any site`."""
    return code not in _SUBJECTS or _SUBJECTS[code][1].search(low) is not None


def is_of_titles(low: str) -> bool:
    """Whether no more than titles is offered."""
    return _TITLES.search(low) is not None and _MORE.search(_TITLES.sub(" ", low)) is None


def without_titles(low: str) -> str:
    """A clause without its words for titles."""
    return _TITLES.sub(" ", low)


def excepted(low: str) -> tuple[str, str] | None:
    """A clause without its exception, and the exception; None: it makes none."""
    found = _EXCEPTED.search(low)
    if found is not None:
        return low[: found.start()] + low[found.end() :], found[1] or found[2]
    found = _EXCEPTIONS.search(low)
    return None if found is None else (low[: found.start()], low[found.end() :])
