"""German."""

from aggregator.rights.notice.language import Language

_PERMISSION = r"(?:\w*genehmigung\w*|\w*zustimmung|\w*erlaubnis\w*|einwilligung|freigabe|\w*lizenz\w*|vereinbarung|vertrag\w*|absprache|rücksprache|einverständnis|nutzungsrechte?)"

_PLAIN = """
der die das den dem des ein eine einen einem einer eines und oder aber auch sowie als wie wenn sofern soweit solange
falls dass damit dabei dazu dafür hierfür davon darauf daran darin daraus darunter zu zum zur in im ins an am auf bei
beim mit ohne von vom für durch unter über nach aus um nicht kein keine keinen keiner keinem keines nichts mehr jede
jeder jedes jeden jedem jedermann alle allen aller alles andere anderer anderen anderem anderes sie ihr ihre ihren
ihrem ihrer ihres du dein deine deinen deinem deiner man wer wir uns unser unsere unseren unserem unserer unseres euer
eure euren eurem eurer euch ihnen er sein seine seinen seinem seiner es sich selbst dies diese dieser dieses diesen
diesem hier bitte gern gerne so dann ja immer stets jeweils jeweilige jeweiligen deren dessen welche welcher welches
weder noch etwa insbesondere einfach lediglich wobei einzige einzigen sonst ansonsten außer ausser ausgenommen nur
darf dürfen dürft darfst kann können könnt kannst ist sind wird werden haben hat muss müssen müsst soll sollen sollte
sollten möchte möchten möchtet mag mögen mögt will wollen wollt lassen lässt lasst bleibt bleiben steht stehen gilt
gelten erfolgt erfolgen geschieht erlauben erlaubt gestatten gestattet zulässig willkommen freigegeben eingeladen
laden einladen ermuntern freuen freut verfügung geben gegeben erteilen erteilt erlaubnis genehmigung zustimmung
einwilligung freigabe recht rechte lizenz lizenzen lizenziert fragen rückfrage rückfragen nachfrage ungefragt
übernehm~ übernimm~ übernommen übernommene übernahme weiterverbreit~ nachdruck~ nachzudruck~ nachgedruckt abdruck~
abzudrucken abgedruckt druck~ gedruckt veröffentlich~ wiederveröffentlich~ weiterveröffentlich~ zweitveröffentlich~
verwend~ nutz~ genutzt nutzung benutz~ weiterverwend~ weiternutz~ wiederverwend~ verbreit~ kopier~ vervielfältig~
wiedergeben wiederzugeben wiedergabe wiedergegeben publizier~ bringen zeigen gezeigt teilen geteilt weitergeben
weitergegeben weitergabe stellen gestellt setzen aufnehmen poste~ übernehmen artikel artikels artikeln beitrag
beitrags beiträge beiträgen text texte texten textes inhalt inhalte inhalten inhalts meldung meldungen nachricht
nachrichten bericht berichte berichten berichterstattung recherche recherchen reportage reportagen story storys
stories material materialien geschichte geschichten werk werke werken stück stücke journalismus originaltexte seite
seiten webseite webseiten website websites webauftritt internetseite internetseiten internetauftritt homepage
homepages web internet netz online blog blogs blogger zeitung zeitungen zeitschrift zeitschriften magazin magazine
magazinen medium medien redaktion redaktionen verlag verlage portal portale portalen newsletter newslettern print
papier gedruckte gedruckten plattform plattformen onlinemedien internetportal internetportale nachrichtenseiten
nachrichtenportale organisation organisationen einrichtungen verein vereine vereinen initiative initiativen
bürgerinitiativen gruppen gemeinnützig gemeinnützige gemeinnützigen gemeinnütziger nichtkommerziell nichtkommerzielle
nichtkommerziellen nicht-kommerziell nicht-kommerzielle nicht-kommerziellen kommerziell kommerzielle kommerziellen
kommerzieller gewerblich gewerbliche gewerblichen nachbarschaftsseiten person personen kostenlos kostenlose
kostenlosen kostenfrei kostenfreie kostenfreien unentgeltlich unentgeltliche honorarfrei honorarfreie frei freie
freien gratis gebührenfrei kosten gebühr gebühren honorar bezahlung bedingung bedingungen voraussetzung
voraussetzungen vorausgesetzt folgend folgende folgenden folgender form weise zweck zwecke zwecken quelle quellen
quellenangabe quellenangaben quellenhinweis quellenverweis quellennennung nennung nennen nennt genannt genannte
genannten angabe angaben angeben angegeben anzugeben gibt gebt hinweis hinweise hinweisen verweis verweisen
namensnennung erwähnen erwähnt erwähnung autor autors autoren autorin autorinnen autor:in autor:innen autorenname
autorennamen autorennennung autorenzeile verfasser verfassers verfasserin urheber urhebers urhebernennung journalist
journalisten journalistin name namen namens kenntlich dabeisteht dabeistehen link links linkangabe verlinken verlinkt
verlinkung hyperlink hyperlinks original originals originalartikel originalartikels originalbeitrag originalbeitrags
originaltext originalseite ursprünglich ursprünglichen ursprungsartikel urheberrechtshinweis urheberrechtsvermerk
copyright copyrightvermerk copyright-hinweis url adresse backlink führt führen setzt zurück direkt direkte direkten
direkter aktiv aktiven sichtbar sichtbaren sichtbarer deutlich deutliche deutlichem deutlicher klar klare klarer gut
erkennbar anfang ende oben unten beginn ändern geändert änderung änderungen unverändert unveränderte unveränderten
unveränderter verändern verändert veränderung veränderungen kürzen gekürzt gekürzte kürzung kürzungen ungekürzt
ungekürzte bearbeiten bearbeitet bearbeitung bearbeitungen überschrift überschriften titel vollständig vollständige
vollständigen vollständiger ganz ganze ganzen komplett komplette wortlaut teilweise auszugsweise auszug auszüge
auszügen gesamt gesamte gesamten voller vollem länge umfang originalwortlaut stilistische angepasst anpassen hausstil
bild bilder bildern foto fotos grafik grafiken abbildung abbildungen illustration illustrationen fotografien verkaufen
verkauft weiterverkauf weiterverkaufen weiterverkauft übersetzen übersetzt übersetzung übersetzungen creative commons
cc by by-nd by-nc by-sa by-nc-nd by-nc-sa keine-bearbeitung international gleichen weltweit überall anderswo
anderweitig beliebig herzlich selbstverständlich natürlich ausdrücklich jederzeit gleich gleichermaßen egal ob anders
vermerkt gekennzeichnet gegenteiliges stunde stunden tag tage tagen woche wochen monat monate monaten jahr jahre
jahren frühestens später danach schickt sperrfrist erst gesendet senden pressemitteilungen dient dienen mein meine
meiner meinem ich mir mich privaten private gesetzt setze nehmen verlinkst verlinke nennst übernimmst verwendest
veröffentlichst
"""
"""Words of a plain permission; `~`: and whatever short ending follows."""

GERMAN = Language(
    code="de",
    plain=_PLAIN,
    common="der die das und ist in zu den mit von auf für im sie nicht eine ein dem des wir unsere dürfen darf oder bei werden wird sind",
    numbers="null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn",
    tens={
        "zwanzig": 20,
        "dreißig": 30,
        "dreissig": 30,
        "vierzig": 40,
        "fünfzig": 50,
        "sechzig": 60,
        "siebzig": 70,
        "achtzig": 80,
        "neunzig": 90,
        "hundert": 100,
        "vierundzwanzig": 24,
        "achtundvierzig": 48,
        "zweiundsiebzig": 72,
        "zweihundert": 200,
    },
    one=r"ein(?:e[nmrs]?)?",
    units={
        "hours": "stunden?|std",
        "days": "tage?n?|werktage?n?",
        "weeks": "wochen?",
        "months": "monate?n?",
        "years": "jahre?n?",
    },
    sizes={
        "words": "wörter[n]?|worte[n]?",
        "sentences": "sätze[n]?|satz",
        "characters": "zeichen|buchstaben",
        "lines": "zeilen?",
        "paragraphs": "absätze[n]?|absatz",
        "percent": "prozent|%",
    },
    patterns={
        "grant": r"""
            \b(?:dürfen|darf|dürft|können|könnt|kann|kannst|darfst)\b
            \b(?:gestattet|erlaubt|zulässig|gestatten|erlauben|willkommen|freigegeben|lizenziert|eingeladen|genehmigt)\b
            \b(?:kostenlos|kostenfrei|unentgeltlich|honorarfrei|frei|gratis|gebührenfrei)\b
            \bsteh(?:t|en) .{0,80}\b(?:zur verfügung|unter|frei)\b|\bgerne?\b|\bbedient euch\b|\b(?:ist|sind) (?:ok|okay|in ordnung|kein problem)\b|\bnur zu\b
        """,
        "yes": r"^(?:ja|klar|gern|gerne|natürlich|selbstverständlich|sicher|aber ja|na klar|kurz: ja)\b",
        "no": r"^(?:nein|leider|nicht|bitte nicht|tut uns leid|auf keinen fall|nur (?:mit|nach))\b",
        "refuse": r"""
            \bnichts?\b|\bniemand\w*|\bkein(?:e[rmns]?)?\b|\bniemals\b|\bnie\b|\buntersagt\b|\bverboten\b|\bunzulässig\b|\bausgeschlossen\b|\bausgenommen\b|\bunterbleib\w*|\bwidersprechen\b|\btabu\b|\bverzichte\w*|\b(?:ebenso|genauso) ?wenig\b
        """,
        "ask": rf"""
            \b(?:nicht|keine?\w*|nur|untersagt|verboten|unzulässig|ausschließlich|ausschliesslich|erst)\b.{{0,160}}\b(?:ohne|nur|mit|nach|außer|ausser|es sei denn|sofern|soweit|vorbehaltlich|bei|unter)\b.{{0,70}}{_PERMISSION}
            \bohne .{{0,60}}{_PERMISSION}.{{0,120}}\b(?:nicht|keine?\w*|untersagt|verboten|unzulässig)\b
            \b(?:bedarf|bedürfen|benötig\w+|brauch\w*|erforder\w+|setzt|verlang\w+|einholen|einzuholen|nötig)\b.{{0,90}}{_PERMISSION}
            {_PERMISSION}.{{0,60}}\b(?:erforderlich|nötig|notwendig|einzuholen|einholen|braucht|voraus|verkauft|erhältlich|vergibt|vergeben|zu erwerben|erteilt|bedarf)\b
            \b(?:nur|ausschließlich|erst) (?:mit|nach|gegen|aufgrund|auf grund|im rahmen)\b.{{0,70}}(?:{_PERMISSION}|anfrage|gebühr|honorar|entgelt)
            \b(?:frag\w+|anfrag\w*|schreib\w+|wend\w+|melde\w*|kontaktier\w+|mail\w*|nachfrag\w*|sprech\w+|ruf\w+)\b.{{0,70}}\b(?:vorher|zuvor|zuerst|erst|vorab|zunächst|vor der)\b
            \b(?:vorher|zuvor|zuerst|vorab|zunächst)\b.{{0,60}}\b(?:frag\w+|anfrag\w*|schreib\w+|wend\w+|melde\w*|kontaktier\w+|mail\w*)\b
            \b(?:bitte|müssen|muss|sollen|sollten|mögen)\b.{{0,50}}\b(?:fragen|anfragen|wenden|kontaktieren|nachfragen)\b|\bfragen bitte\b|\bwenden sich\b|\bwenden sie sich\b
            \bzahl(?:t|en)\b|\bkostenpflichtig\b|\bhonorarpflichtig\b|\bgebühr\w*\b(?<!gebührenfrei)|\bauf anfrage\b|\bnach (?:rücksprache|absprache|vereinbarung)\b|\bsyndikation\w*
            \banfragen\b
        """,
        "free": rf"""
            \b(?:müssen|müsst|braucht|brauchen|musst) (?:\w+ ){{0,4}}(?:nicht|keine) (?:\w+ )?(?:fragen|zu fragen|um erlaubnis|nachfragen|anfragen)\b
            \b(?:nicht|keine?) (?:\w+ )?{_PERMISSION} (?:nötig|erforderlich|notwendig)\b
            \b{_PERMISSION} (?:ist |wird )?nicht (?:nötig|erforderlich|notwendig)\b
        """,
        "not_grant": r"\bwir (?:dürfen|können|möchten|behalten)\b|\bdürfen wir\b|\bkönnen wir\b|\bkönnen (?:sich|ändern|abweichen|unvollständig)\b",
        "ask_firm": r"\bvorher|\bzuvor|\bvorab|genehmigung|erlaubnis|zustimmung|lizenz",
        "either": r"\bauch (?:kommerziell\w*|gewerblich\w*)|\bkommerziell oder (?:nicht|privat)\w*|\bob kommerziell oder nicht\b|\bmit oder ohne werbung\b",
        "but": r", (?:aber|jedoch|allerdings|sofern|soweit|wenn|vorausgesetzt|doch|sondern|hingegen)\b|;| – | — ",
        "both": r"\bganz oder teilweise\b|\bauch auszugsweise\b|\bvollständig oder (?:gekürzt|in auszügen)\b",
        "whether": r"\bob (?:sie|man|ihr)\b.{0,60}\b(?:dürfen|können|darf)\b",
        "wish": r"\bfreuen (?:wir )?uns\b|\bfreuen wir\b|\bnicht (?:verpflichtend|zwingend|vorgeschrieben)\b|\bfreiwillig\b|\bwäre (?:nett|schön|toll)\b|\bwünschenswert\b|\bwenn (?:sie|ihr|du) (?:mögen|mögt|magst|wollen|wollt)\b|\bdankbar\b|\berwünscht\b",
        "strong": r"\w*(?:übernehm|übernahme|nachdruck|abdruck|abgedruckt|vervielfältig|weiterverbreit|veröffentlich|zweitverwert|nachgedruckt|verbreite)\w*",
        "whole": r"""
            \b\w*übernehm\w*|\b\w*übernahme\w*|\bübernommen\b|\bnachdruck\w*|\bnachgedruckt|\babdruck\w*|\babgedruckt|\babzudrucken|\bvervielfältig\w*|\b(?:weiter)?verbreit\w*|\b\w*veröffentlich\w*|\bzugänglich\w*|\bverwend\w*|\bnutz\w*|\b\w*nutzung\w*|\bkopier\w*|\bweiterverwend\w*|\bweitergeb\w*|\bweitergegeben|\banzeigen\b|\banzeige\b|\banzuzeigen|\beinbind\w*|\bzweitverwert\w*|\bverwert\w*|\bwiedergeb\w*|\bwiedergabe\b|\bteilen\b|\bgesendet\b|\bzu senden\b|\bganzer artikel\b|\bwiederveröffentlich\w*|\bausgespielt\b|\beinstell\w*|\bbringen\b
        """,
        "quote": r"\b(?:zitat\w*|zitier\w*|auszug\w*|auszüge\w*|auszugsweise|anriss\w*|anrisse\w*|teaser\w*|überschrift\w*|schlagzeile\w*|titel und|kurzfassung\w*|zusammenfassung\w*|textauszüge|vorspann|ausschnitte?\w*)\b|\b(?:höchstens|maximal|bis zu) \d+ (?:wörter|worte|zeichen|zeilen|sätze|absätze)",
        "part": r"\bauszugsweise\b|\bteilweise\b|\bteile\b|\bauszüge\w*|\bin teilen\b|\bausschnitt\w*|\bauch nur\b|\bjede(?:r|s|n|m)? form\b|\bjegliche\b|\bjede nutzung\b",
        "translate": r"\b\w*übersetz\w*",
        "print": r"\b(?:print\w*|gedruckt\w*|abgedruckt|abdruck\w*|abdrucken|nachdruck\w*|nachgedruckt|zeitung(?:en)?|zeitschriften?|magazine?n?|papier|gemeindebrief\w*|vereinszeitung\w*|vereinsheft\w*|bücher|printmedien|druckwerke?n?|allen medien|alle medien|verlage?n?|broschüren?)\b",
        "edit": r"\b(?:\w*änder\w*|geändert|bearbeit\w*|kürz\w*|gekürzt\w*|umschreib\w*|umformulier\w*|verändert\w*|unverändert\w*|ungekürzt\w*|redigier\w*|umgeschrieben)\b",
        "sell": r"\b(?:verkauf\w*|weiterverkauf\w*|bezahlschranke|paywall|geld verlang\w*|entgeltlich)\b",
        "image": r"\b(?:\w*bilder[n]?|bild|\w*fotos?|fotografien?|\w*aufnahmen|grafiken|illustrationen|karikaturen|videos?|zeichnungen|bildmaterial|infografiken|abbildungen)\b",
        "text": r"\b(?:\w*texte?[sn]?|\w*artikel[sn]?|\w*beiträgen?|\w*beitrag\w*|\w*meldungen|\w*meldung|\w*inhalten?|geschichten|berichte?n?|nachrichten|pressemitteilungen|reportagen|feeds?|\w*material\w*|publikationen|werke)\b",
        "other_object": r"\b(?:logos?|wappen|marken?|software|quellcode|skripte?|personenbezogene\w*|daten|cookies?|vorlagen|kommentare)\b",
        "feed": r"\b(?:rss|feeds?|rss-feeds?|atom|newsfeeds?)\b",
        "ai_train": r"\b(?:ki|ki-\w+|künstliche[rn]? intelligenz|sprachmodell\w*|maschinelle[sn]? lernen|trainier\w*|training|text(?:-)? und data mining|text- und data-mining|data-mining|llms?|generativ\w*)\b",
        "auto": r"\b(?:automati\w+|scrap\w+|crawl\w*|bots?|massenhaft\w*|systematisch\w*|text(?:-)? und data[ -]mining|data[ -]mining|datenbanken|robots?|roboter\w*|auslesen|aggregator\w*|maschinell\w*)\b",
        "community": r"\b(?:verein(?:e|en|s)?|initiativen?|kirchengemeinden?|gemeinden?|private[rn]? (?:\w+ )?(?:seiten?|homepages?|websites?|webseiten?|blogs?)|privatleute|privatpersonen|blogs?|blogger\w*|nachbarschaft\w*|bürgerinitiativen?|ehrenamtlich\w*|stadtteil\w*|hobby\w*|dorf\w*)\b",
        "nonprofit": r"\b(?:gemeinnützig\w*|schulen?|hochschulen?|bildungs\w*|ngos?|nichtregierung\w*|bibliotheken|stiftungen|non-profit\w*|universitäten)\b",
        "noncommercial": r"\b(?:nicht-? ?kommerziell\w*|nichtkommerziell\w*|nicht gewerblich\w*|nichtgewerblich\w*|ohne werbung|werbefrei\w*|kein geld verdien\w*|keinen? kommerziellen zweck\w*|unkommerziell\w*)\b|\bsoweit sie nicht (?:gewerblich|kommerziell)\w*.{0,20}zweck\w*",
        "commercial": r"\b(?:gewerblich\w*|kommerziell\w*|unternehmen|firm(?:a|en)|verlage?n?|agenturen|geld verdien\w*|zeitungen|zeitschriften|anzeigenblätter\w*|portale?n?|werbung|werbefinanziert\w*|bezahl\w*|wirtschaftlich\w*|sender|anbieter|erwerbs\w*|magazine|geschäftlich\w*)\b",
        "ads": r"\b(?:mit|neben) (?:\w+ )?werbung\b|\bwerbung (?:neben|auf|im umfeld)\b",
        "anyone": r"\b(?:jede[rmn]?|alle[rn]? medien|alle|andere medien|alle redaktionen|redaktionen|jedermann|medien aller art)\b",
        "others": r"\b(?:alle anderen|allen anderen|alle übrigen|andere nutzung\w*|weitere nutzung\w*|darüber hinaus\w*|sonstige\w*|jede andere|jede weitere|andere verwendung\w*|übrigen)\b",
        "personal": r"\b(?:privaten gebrauch|persönlichen gebrauch|private nutzung|persönliche nutzung|eigengebrauch|privat(?:en|er) (?:und nichtkommerziellen )?(?:nutzung|zwecken))\b",
        "narrow": r"\b(?:schülerzeitung\w*|studierende\w*|mitglieder\w*|abonnent\w*|partner\w*|akkreditiert\w*)\b",
        "public_domain": r"\bgemeinfrei\w*|\bkeinen? urheberrecht(?:lichen)? schutz\w*|\bamtliche werke?\b|\burheberrechtlich nicht geschützt\b",
        "reserved": r"\balle rechte (?:vorbehalten|liegen|bei)\b",
        "credit_source": r"""
            \b(?:quelle\w*|quellenangabe\w*|quellennachweis\w*|herkunft)\b|\b(?:nenn\w+|genannt|nennung|angab\w*|angeb\w*|angegeben|hinweis\w*|hinzuweisen|vermerk\w*|zusatz|erwähn\w*|kennzeichn\w*|schreib\w+|steh(?:t|en))\b.{0,70}(?:§name|\bunser(?:en|em|er|es)? namen?\b|\buns\b|\bherausgeber|\bverlag|\bredaktion)
            (?:§name|\bunser name|\bunser name\b|\buns\b).{0,60}\b(?:genannt|angegeben|nennen|nennt|nennung|steh(?:t|en)|erwähnt|angeben|dabei)\b|\b(?:zuerst|erstmals|ursprünglich) (?:erschienen|veröffentlicht)|\baus dem §name|\bzusatz §name
        """,
        "credit_author": r"""
            \b(?:autor\w*|verfasser\w*|urheber(?:s|in)?|journalist\w*|namen? de[sr] (?:autor|verfasser|schreib)\w*|autorennamen?|autorenzeile)\b.{0,90}\b(?:nenn\w*|genannt|nennung|angab\w*|angeb\w*|angegeben|steh\w*|erwähn\w*|aufgeführt|dabei|bleib\w*|erhalten)\b
            \b(?:nenn\w*|nennung|angab\w*|angeb\w*|mit|unter|erwähn\w*)\b.{0,50}\b(?:autor(?:s|in|en|innen|ennamen?)?|verfasser(?:s|in|n|innen)?|journalist\w*)\b
        """,
        "author_not": r"\bautor(?:inn)?en? (?:haben|behält|behalten)\b",
        "link": r"\b(?:\w*link(?:s|en)?|verlink\w*|verlinkt\w*|verlinkung|hyperlink\w*)\b",
        "not_link": r"\blinks? auf (?:andere|externe|fremde)|\bexterne[nr]? links?\b|\bhaftung für links\b",
        "link_home": r"\b(?:link\w*|verlink\w*)\b.{0,50}(?:\bstartseite|\bhomepage|\bwebsite|\bunsere seite|www\.|§url)",
        "link_article_strict": r"\boriginal\w*|\bartikel\b|\bbeitrag\w*",
        "canonical": r"\bcanonical\b|\bnoindex\b|\bkanonisch\w*",
        "keep_links": r"\b(?:alle|sämtliche|enthaltenen?|vorhandenen?|die) links?\b.{0,60}\b(?:bleib\w*|erhalten|beibehalten|übernommen|stehen|enthalten)\b|\blinks im text\b.{0,40}\b(?:bleib\w*|erhalten|beibehalten)",
        "tracker": r"\b(?:zählpixel|pixel|tracking\w*|zähler|zählcode|zählmarke\w*)\b",
        "copyright_notice": r"\b(?:copyright-?(?:vermerk|hinweis|zeile|angabe)\w*|urheber(?:rechts)?(?:vermerk|hinweis)\w*)\b",
        "licence_notice": r"\b(?:lizenz\w*)\b.{0,40}\b(?:nenn\w*|angeb\w*|angegeben|verlink\w*|verweis\w*|hinweis\w*|genannt)\b|\bhinweis auf die lizenz\b|\b(?:nenn\w*|nennung|angabe) de[rs] lizenz",
        "notify": r"\b(?:belegexemplar\w*|beleg(?:link|mail)\w*|informier\w*|benachrichtig\w*|bescheid|mitteil\w*|mitzuteilen|kurze (?:mail|nachricht|e-mail)|melden|schick\w*|mailen|hinweis an|wissen lassen|link zu(?:schicken|senden))\b",
        "notify_context": r"\b(?:\w*adresse|link|veröffentlich\w*|nach|wenn|sobald|erschein\w*|uns|an|übernahme|belegexemplar\w*|beleg\w*)\b",
        "bio": r"\b(?:autorenhinweis\w*|autorenvita|kurzbiogra\w*|abspann\w*|schlussnotiz|hinweis am ende|satz (?:zum|über den) autor\w*|notiz am ende|infokasten|vorstellung(?:stext)? am ende)\b",
        "top": r"\b(?:am anfang|oberhalb|am beginn|über dem text|zu beginn|eingangs|an den anfang|im vorspann|oben|vor dem (?:ersten absatz|text))\b",
        "no_edits": r"\b(?:unverändert\w*|ungekürzt\w*|vollständig\w*|im wortlaut|wortgetreu|nicht (?:verändert|bearbeitet|geändert|umgeschrieben))\b|\bumschreiben nicht\b|\b(?:keine|ohne) (?:\w+ )?(?:änderungen|bearbeitung\w*|kürzungen)\b",
        "minor": r"\b(?:kürz\w*|gekürzt|rechtschreib\w*|hausstil|orts- und zeit\w*|zeitangaben|ortsangaben|kleine\w*|geringfügig\w*|redaktionell\w*|anpass\w*)\b",
        "may_edit": r"\b(?:dürfen|darf|kann|können|in ordnung|erlaubt|gestattet|zulässig|möglich|okay|ok|ausgenommen|außer|bis auf)\b",
        "headline": r"\b(?:überschrift\w*|titel\w*|schlagzeile\w*)\b",
        "own_headline": r"\b(?:eigene|andere|neue) (?:überschrift|titel|schlagzeile)",
        "may_edit_headline": r"\b(?:dürfen|darf|kann|können|in ordnung|erlaubt|gestattet|außer|ausgenommen|okay)\b",
        "image_excluded": r"\b(?:nicht|keine|ausgenommen|ausgeschlossen|ohne|untersagt|verboten|gesondert\w*|separat\w*)\b",
        "agency": r"\b(?:\w*agentur\w*|dpa|afp|epd|ap|reuters|dritte\w*|einzelne)\b(?! .{0,60}\bbilder\b$)",
        "image_credit": r"\b(?:nenn\w*|nennung|nachweis\w*|bildnachweis\w*|angab\w*|angeb\w*|genannt|credit)\b",
        "no_sell": r"\b(?:nicht|kein\w*|ohne)\b.{0,50}\b(?:verkauf\w*|weiterverkauf\w*|bezahlschranke|paywall|geld verlang\w*)|\bverkauf\w*\b.{0,40}\b(?:nicht|untersagt|verboten)",
        "ads_against": r"\b(?:keine|nicht|ohne)\b.{0,50}\b(?:werbung|anzeigen)\b.{0,40}\b(?:im umfeld|zu den|zum (?:text|artikel|beitrag)|rund um|innerhalb|im text|gezielt)\b",
        "third": r"""
            \b(?:\w*agentur\w*|dpa|epd|afp|reuters|dritte[rn]?|gastbeiträg\w*|gastautor\w*|fremd\w*|partner\w*|freie[rn]? (?:autor|mitarbeiter)\w*)\b.{0,120}\b(?:nicht|kein\w*|ausgenommen|ausgeschlossen|ausnahme|untersagt|einzuholen|gehör\w*)
            \b(?:nicht|kein\w*|ausgenommen|ausgeschlossen|außer|ausser|ausnahme\w*)\b.{0,90}\b(?:\w*agentur\w*|dpa|epd|afp|reuters|dritte[rn]?|gastbeiträg\w*|fremd\w*|partner\w*)\b
            \bgehören (?:den|ihren|anderen|dritten)\b|\brechte (?:liegen|verbleiben) bei (?:den|ihren|dritten|anderen|der agentur)|\brechte dritter\b|\brechte der (?:fotograf|urheber|autor|künstler)\w*|\bdürfen wir nicht weitergeben\b|\bnicht von uns\b
        """,
        "takedown": r"\b(?:auf|nach|bei) (?:\w+ ){0,3}(?:aufforderung|verlangen|wunsch|bitte|anforderung|hinweis)\b.{0,80}\b(?:entfern\w*|lösch\w*|offline|herunter\w*|zurückzieh\w*|nehmen)\b|\b(?:wenn|sobald|falls|sofern) (?:wir|der autor|die autorin|der verlag|die redaktion)\b.{0,70}\b(?:lösch\w*|entfern\w*|offline|herunter\w*)|\b(?:entfern\w*|lösch\w*)\b.{0,50}\b(?:auf (?:\w+ )?(?:verlangen|wunsch|aufforderung|bitte)|wenn wir)\b",
        "remove": r"\b(?:entfern\w*|lösch\w*|gelöscht|offline|herunter\w*|verschwind\w*|vom netz|aus dem netz|depublizier\w*|längstens|höchstens .{0,20}(?:online|stehen)|nicht länger als|älter als|spätestens)\b",
        "embargo": r"\b(?:sperrfrist\w*|frühestens|erst|nach (?:der |dem )?(?:erst)?(?:veröffentlichung|erschein\w*)|abwart\w*|warten|wartet|vergangen|verstrichen|vorsprung|nach\b)",
        "embargo_strict": r"\bsperrfrist\w*|\bfrühestens\b|\berst\b|\bwarten\b|\bvergangen\b|\babwart\w*",
        "window": r"\b(?:innerhalb|binnen|während|bis zu|spätestens|nur in den ersten|in den ersten)\b",
        "after_publication": r"\b(?:veröffentlich\w*|erschein\w*|erschienen)\b",
        "about_time_ignored": r"\b(?:antwort\w*|bearbeit\w*|zweimal im|erscheint (?:alle|jede|zweimal|einmal)|gespeichert|aufbewahr\w*|widerruf\w*|seit)\b",
        "contact_context": r"\b(?:genehmigung|lizenz\w*|rechte|nachdruck\w*|anfrag\w*|fragen?|fragt|schreib\w*|wend\w*|kontakt\w*|übernahme|mail|verlag|presse\w*)\b",
        "contact_ignored": r"\b(?:datenschutz\w*|anzeigen|abo\w*|jobs?|leserbrief\w*|einsend\w*|spenden|barriere\w*)\b",
        "contributor": r"\b(?:einsend\w*|einreich\w*|manuskript\w*|sie räumen uns|räumt (?:uns|der|dem)|ihre[rmn]? (?:text|beitrag|artikel|manuskript)\w*|autor(?:inn)?enhinweise|leserbrief\w*|mit der einsendung|für uns schreiben|mitmachen)\b",
        "privacy": r"\b(?:datenschutz\w*|personenbezogen\w*|cookies?|dsgvo|ihre daten|ip-adresse\w*|einwilligung|widerruf\w*|newsletter\w*|anonymisier\w*|auftragsverarbeiter\w*)\b",
        "inbound": r"\b(?:mitglieder\w*|moderator\w*|forum\w*|forenregeln|kommentar\w*|kommentarregeln|netiquette|unsere (?:autoren|redakteure|nutzer)|redakteur\w* (?:dürfen|müssen)|wer hier postet|posten|beiträge, die|gesperrt|nutzer (?:dürfen|müssen))\b",
        "news": r"\b(?:sagte|teilte mit|kündigte an|erklärte|berichtet\w*|laut|sprecher\w*|am (?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)|begrüßt\w*|kritiker\w*|minister\w*|gegenüber|hieß es|beschloss|von unserer korrespondentin)\b",
        "offer": r"\b(?:unsere?[rnms]?|meine?[rnms]?) (?:\w+ )?(?:\w*texte?n?|\w*beiträge?n?|artikeln?|inhalten?|\w*feeds?|meldungen|berichte|pressemitteilungen|geschichten)\b|\bübernahme von artikeln\b|\btexte und bilder\b|\bdie texte\b|\binhalte dieser (?:seite|website)\b|\bpressemitteilungen de",
        "prevails": r"\bmassgebend\b|\bmaßgebend\b|\bmaßgeblich\b|\bmassgeblich\b|\bverbindlich\b|\bgilt die\b",
        "not_allow": r"\buntersagt\b|\bohne\b|\bvorbehalten\b|\bwidersprechen\b|\bwidersprochen\b",
        "holder": r"\b(?:des|dem|vom|beim|zum|unseres|unserem|den) verlag(?:e?s)?\b",
        "show": r"\b(?:anzeig\w*|einbind\w*|darstell\w*|zeigen|übernehm\w*|anzuzeigen|einbau\w*)\b",
        "without": r"\bohne (?:\w+ ){0,3}(?:rückfrage|nachfrage|zu fragen|anfrage|genehmigung|erlaubnis|zustimmung)\b",
    },
)
