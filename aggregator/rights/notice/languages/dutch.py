"""Dutch."""

from aggregator.rights.notice.language import Language

_PERMISSION = r"(?:toestemming|licenties?|akkoord|vergunning|overeenkomst|goedkeuring|instemming|contract)"

_PLAIN = """
de het een der des den te ten ter en of maar ook zoals als indien mits wanneer dat die dit deze dan daarbij daarvoor
hiervoor ervan erbij er daar hier in op aan bij met zonder van voor door onder over uit naar om uw niet geen niets
nooit alle al alles ieder iedere iedereen elk elke andere anderen ander u je jij jullie jouw zij ze hij men wie wij we
ons onze mijn zijn haar hun zich zelf zelfde dezelfde hetzelfde meer zeer wel graag altijd steeds alleen slechts enkel
uitsluitend behalve uitgezonderd mag mogen kan kunnen kunt is wordt worden word ben bent heeft hebben hebt moet moeten
dient dienen wil wilt willen zal zullen laat laten blijft blijven staat staan geldt gelden volstaat alstublieft dank
ja vrij vrije vrijelijk welkom uitgenodigd nodigen moedigen blij toegestaan toestaan toegelaten geoorloofd toestemming
rechten recht verleent verlenen verleend geven geeft gegeven bieden biedt beschikbaar stellen gesteld beschikking
licentie licenties licentievoorwaarden overnemen overgenomen overname overnam neem nemen overneemt neemt herpublic~
herplaats~ publiceer~ gepubliceerd publicatie publicaties publiceren plaatsen plaats plaatst geplaatst kopieer~
gekopieerd kopiëren gebruik gebruiken gebruikt gebruikte hergebruik hergebruiken verspreid~ verspreiding delen gedeeld
deel deelt afdruk~ afgedrukt drukken gedrukt herdruk~ verveelvoudig~ zetten gezet zet tonen getoond doorplaatsen
doorgeplaatst nagedrukt openbaar maken artikel artikelen artikels tekst teksten bericht berichten nieuws nieuwsbericht
nieuwsberichten verhaal verhalen stuk stukken inhoud content reportage reportages materiaal journalistiek werk werken
productie producties nieuwsartikelen onderzoek bijdrage bijdragen site sites website websites web webpagina
webpagina's pagina pagina's internet online blog blogs blogger bloggers krant kranten dagblad dagbladen tijdschrift
tijdschriften medium media redactie redacties uitgever uitgevers uitgeverij portaal portalen nieuwsbrief nieuwsbrieven
platform platforms papier print druk persoon personen organisatie organisaties instelling instellingen nieuwssites
vereniging verenigingen stichting stichtingen buurtwebsites buurtwebsite buurtsites wijkwebsites gemeenschap ideële
winstoogmerk winst commercieel commerciële niet-commerciële niet-commercieel non-profit nonprofit doel doelen
doeleinden gratis kosteloos kosteloze kosten vergoeding betaling betalen kostenloos voorwaarde voorwaarden voorop
volgende regels regel vragen vraag bron bronnen bronvermelding bronnenvermelding vermelding vermelden vermeldt vermeld
noemen noemt genoemd noem naamsvermelding naam namen auteur auteurs auteursnaam schrijver schrijvers journalist
journalisten maker makers herkomst credits credit krediet link links linken linkt gelinkt hyperlink hyperlinks
verwijzing verwijzen verwijst verwijzend verwezen origineel originele oorspronkelijk oorspronkelijke url adres
copyright copyrightvermelding auteursrechtvermelding zichtbaar zichtbare duidelijk duidelijke actieve actief directe
direct terug begin eind einde onderaan bovenaan wijzig~ gewijzigd wijziging wijzigingen ongewijzigd ongewijzigde
veranderen veranderd verander~ aanpassen aangepast aanpassingen bewerken bewerkt bewerking inkorten ingekort geheel
gehele volledig volledige compleet complete integraal integrale heel hele ongekort onverkort kop koppen titel titels
gedeeltelijk fragment fragmenten uittreksel stijl huisstijl beeld beelden foto foto's afbeelding afbeeldingen
illustratie illustraties grafiek grafieken video video's verkopen verkocht doorverkopen doorverkocht verkoop vertalen
vertaald vertaling vertalingen creative commons cc by by-nd by-nc by-sa by-nc-nd by-nc-sa internationaal tenzij anders
aangegeven wereldwijd overal elders wijze manier vorm eigen uur uren dag dagen week weken maand maanden jaar jaren na
vallen valt
"""
"""Words of a plain permission; `~`: and whatever short ending follows."""

DUTCH = Language(
    code="nl",
    plain=_PLAIN,
    common="de het een van en in is op te dat die voor met niet zijn aan er om ook als bij uit onze ons mag mogen wij u je door",
    numbers="nul - twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien",
    tens={
        "één": 1,
        "twintig": 20,
        "vierentwintig": 24,
        "vijfentwintig": 25,
        "dertig": 30,
        "veertig": 40,
        "achtenveertig": 48,
        "vijftig": 50,
        "zestig": 60,
        "tweeënzeventig": 72,
        "zeventig": 70,
        "tachtig": 80,
        "negentig": 90,
        "honderd": 100,
        "tweehonderd": 200,
    },
    one=r"een|1",
    units={
        "hours": "uur|uren",
        "days": "dag(?:en)?|werkdagen",
        "weeks": "weken|week",
        "months": "maand(?:en)?",
        "years": "jaar|jaren",
    },
    sizes={
        "words": "woorden|woord",
        "sentences": "zinnen|zin",
        "characters": "tekens|karakters",
        "lines": "regels?",
        "paragraphs": "alinea'?s?|paragrafen",
        "percent": "procent|%",
    },
    patterns={
        "grant": r"\b(?:mag|mogen|mogt|kun|kunt|kunnen|kan)\b|\b(?:toegestaan|vrij|gratis|kosteloos|welkom|geoorloofd|staan toe|nodigen)\b|\bga (?:je|uw) gang\b|\bonder (?:een |de )?(?:\S+ )?licentie\b|\bgeen probleem\b|\bgraag\b|\bvrijelijk\b|\bbeschikbaar\b",
        "yes": r"^(?:ja|graag|natuurlijk|zeker|uiteraard|jazeker|dat mag)\b",
        "no": r"^(?:nee|helaas|liever niet|nooit|alleen met|sorry)\b",
        "refuse": r"\bniet\b|\bgeen\b|\bnooit\b|\bverboden\b|\bniets\b|\buitgezonderd\b|\buitgesloten\b|\bbehalve\b|\bverbied\w+|\bverzetten\b",
        "ask": rf"""
            \b(?:niet|niets|geen|verboden|alleen|uitsluitend|slechts)\b.{{0,160}}\b(?:zonder|behalve|tenzij|met|na|anders dan)\b.{{0,70}}{_PERMISSION}
            \bzonder .{{0,50}}{_PERMISSION}.{{0,60}}\b(?:niet|verboden|geen)\b
            \b(?:vereis\w*|nodig|vraag\w*|vragen|verkrijg\w*|vergt|behoef\w*|moet\w*|krijg\w*)\b.{{0,60}}{_PERMISSION}|{_PERMISSION}.{{0,50}}\b(?:vereist|nodig|noodzakelijk|vragen|aanvragen|gevraagd|schriftelijk\w*)\b
            \b(?:vraag|vragen|mail\w*|schrijf|schrijven|neem|nemen|bel|overleg\w*|contact)\b.{{0,60}}\b(?:eerst|vooraf|van tevoren|tevoren)\b|\b(?:eerst|vooraf|van tevoren)\b.{{0,50}}\b(?:vraag|vragen|mail\w*|schrijf|schrijven|contact|overleg\w*|toestemming)\b
            \bneem\w* contact op\b|\bcontact opnemen\b|\bbetal\w+|\btarie\w+|\btegen (?:betaling|vergoeding)\b|\bop aanvraag\b|\bna overleg\b|\bin overleg\b
        """,
        "free": r"""
            \b(?:hoeft|hoef|hoeven)\b.{0,30}\b(?:niet|niets|geen)\b.{0,20}(?:\bte vragen|\btoestemming|\bte overleggen)
        """,
        "not_grant": r"\bwij (?:mogen|kunnen)\b|\bwe (?:mogen|kunnen)\b|\bkunnen (?:wijzigen|veranderen|afwijken)\b|\bkunnen wij\b|\bkan (?:wijzigen|afwijken)\b",
        "ask_firm": r"\beerst\b|\bvooraf\b|toestemming|akkoord",
        "either": r"\book commercie\w+|\bcommercieel of niet\b|\bmet of zonder (?:advertenties|reclame)\b",
        "but": r", (?:maar|echter|mits|tenzij|op voorwaarde|als)\b|;| – | — ",
        "both": r"\b(?:geheel of gedeeltelijk|in zijn geheel of)\b",
        "whether": r"\bvragen of (?:ze|zij|men)\b",
        "wish": r"\b(?:op prijs|stellen het|niet verplicht|vrijwillig|als je (?:wilt|wil)|als u wilt|zou (?:fijn|leuk|mooi)|zouden graag)\b",
        "strong": r"\b\w*(?:overnem|overgenomen|overname|herpublic|verveelvoudig|verspreid|kopi|gekopieerd|hergebruik|nadruk)\w*",
        "whole": r"\bovernem\w*|\bovergenomen\b|\bovername\b|\bneem\w* .{0,40} over\b|\bherpublic\w+|\bverveelvoudig\w*|\bopenbaar\b|\bverspreid\w*|\bkopi\w+|\bgekopieerd|\bhergebruik\w*|\bgebruik\w*|\bpublice\w+|\bgepubliceerd\b|\bplaats\w*|\bgeplaatst\b|\bdelen\b|\btonen\b|\bweergeven\b|\bdoorplaats\w*|\buitzend\w*|\bnadruk\w*",
        "quote": r"\b(?:citaten|citaat|citeren|fragment\w*|samenvatting\w*|koppen?|kop en|titels?|uittreksel\w*|intro|inleiding|eerste (?:zin|alinea|regels))\b|\b(?:maximaal|hoogstens|tot|ten hoogste) \d+ (?:woorden|regels|tekens|zinnen)",
        "part": r"\bgedeelte\w*|\bdeels\b|\bniets uit\b|\bfragment\w*|\bgeheel of\b|\benige wijze\b|\bonderdelen\b|\bciteren\b",
        "translate": r"\bvertal\w+|\bvertaald\b",
        "print": r"\b(?:gedrukt\w*|drukwerk|papier\w*|krant(?:en|je)?|tijdschrift\w*|wijkkrant\w*|print|boek(?:en)?|bladen|blad|magazine\w*|alle media|huis-aan-huis\w*|clubblad\w*)\b",
        "edit": r"\b(?:wijzig\w*|gewijzigd|aanpass\w*|aangepast|bewerk\w*|verander\w*|inkort\w*|ingekort|ongewijzigd\w*|integraal|herschrijv\w*|onverkort)\b",
        "sell": r"\b(?:verkop\w*|verkoop\w*|verkocht|doorverkop\w*|betaalmuur)\b",
        "image": r"\b(?:foto's?|foto|afbeelding\w*|beeld(?:en|materiaal)?|illustraties?|tekeningen|cartoons?|video'?s?|infographics?)\b",
        "text": r"\b(?:artikel(?:en|s)?|tekst(?:en)?|berichten?|inhoud|verhalen|verhaal|nieuws|stukken|stuk|content|publicaties|columns|uitgave|feeds?|materiaal|reportages)\b",
        "other_object": r"\b(?:logo'?s?|merk(?:en)?|software|broncode|persoonsgegevens|cookies?|wapen|reacties)\b",
        "feed": r"\b(?:rss\S*|feeds?|rss-feed)\b",
        "ai_train": r"\b(?:ai|ki|kunstmatige intelligentie|train\w*|taalmodel\w*|machine learning|generatieve|llm|tekst- en datamining|datamining)\b",
        "auto": r"\b(?:automatisch\w*|geautomatiseerd\w*|scrap\w+|crawl\w*|bots?|robots?|massaal|systematisch\w*|datamining|aggregator\w*|in bulk)\b",
        "community": r"\b(?:verenig\w+|buurt\w*|wijk\w*|clubs?|blogs?|bloggers|persoonlijke (?:sites?|websites?)|particulier\w*|vrijwillig\w+|hobby\w*|kerk\w*|dorps\w*|bewoners\w*|initiatieven)\b",
        "nonprofit": r"\b(?:non-?profit\w*|zonder winstoogmerk|goede doelen|scholen|school|stichting\w*|ngo'?s?|onderwijs\w*|bibliothe\w+|universiteiten|maatschappelijke)\b",
        "noncommercial": r"\b(?:niet-?\s?commercie\w+|geen geld verdien\w*|zonder (?:reclame|advertenties|winstoogmerk)|geen commercie\w+)\b",
        "commercial": r"\b(?:commercie\w+|bedrijven|bedrijf|ondernem\w+|uitgever\w*|kranten|tijdschriften|verdien\w*|winst\w*|reclame|advertenties|omroepen|portals?|zakelijk\w*|betaalde)\b",
        "ads": r"\bmet (?:advertenties|reclame)\b",
        "anyone": r"\b(?:iedereen|elke (?:website|site|redactie)|alle (?:media|redacties|sites)|andere media|wie wil|eenieder|ieder)\b",
        "others": r"\b(?:alle anderen|ieder ander\w*|elk ander\w*|andere (?:gebruik\w*|toepassing\w*|gevallen)|overige\w*|anderen|overig)\b",
        "personal": r"\b(?:persoonlijk gebruik|eigen gebruik|privégebruik|priv[ée] ?gebruik)\b",
        "narrow": r"\b(?:studenten|leden|abonnees|partners|schoolkranten)\b",
        "public_domain": r"\bpublieke? domein\b|\bauteursrechtvrij\b",
        "reserved": r"\balle rechten (?:zijn )?voorbehouden\b",
        "credit_source": r"""
            \b(?:bron\w*|bronvermelding|herkomst)\b|\b(?:vermeld\w*|noem\w*|genoemd|zet|schrijf|erbij|naam|zeg)\b.{0,60}(?:§name|\bonze naam\b|\bvan ons\b|\bons\b|\bvan de \w+ komt|\buit de \w+ komt|krant\b|post\b|blad\b|redactie\b)
            \buit de §name|\bkomt uit\b|§name.{0,60}\b(?:vermeld\w*|noem\w*)|\beerder verschenen\b|\boorspronkelijk (?:gepubliceerd|verschenen)
        """,
        "credit_author": r"\b(?:auteur\w*|schrijver\w*|journalist\w*|maker)\b.{0,60}\b(?:vermeld\w*|noem\w*|genoemd|erbij)\b|\b(?:vermeld\w*|noem\w*|naam|met|namen)\b.{0,50}\b(?:auteur|auteurs|schrijver|journalist|journalisten|auteursnaam)\b",
        "author_not": r"\bauteursrecht\w*",
        "link": r"\b(?:links?|linkt|linken|gelinkt|hyperlink\w*|verwijzing)\b",
        "not_link": r"\blinks naar (?:andere|externe)\b",
        "link_home": r"\blink\w*\b.{0,50}(?:\bhomepage|\bonze (?:site|website)|www\.|§url|\bvoorpagina)",
        "link_article_strict": r"\b(?:oorspronkelijk\w*|origine\w*|artikel|bericht|verhaal)\b(?! uit)",
        "canonical": r"\bcanonical\b|\bnoindex\b|\bcanonieke\b",
        "keep_links": r"\b(?:behoud\w*|laat|laten|intact|handhaaf)\b.{0,30}\b(?:alle |de )?links\b|\blinks .{0,30}\b(?:behouden|intact|staan)\b",
        "tracker": r"\b(?:pixel|telpixel|teller|tracking\w*|telcode)\b",
        "copyright_notice": r"\b(?:copyright\w*|auteursrecht)(?:vermelding|regel|melding)\b",
        "licence_notice": r"\b(?:vermeld\w*|noem\w*|link)\b.{0,40}\b(?:de|deze) licentie\b",
        "notify": r"\b(?:laat (?:het )?(?:ons|even)|meld\w*|informe\w+|stuur\w*|mail ons|bericht ons|bewijsexemplaar|weten)\b",
        "notify_context": r"\b(?:ons|weten|link|publicatie|wanneer|adres|geplaatst|als)\b",
        "bio": r"\b(?:slotzin|slotregel|auteursregel|biografie|zin over de auteur|noot onderaan|tekst onderaan|toelichting op de auteur|voettekst)\b",
        "top": r"\b(?:bovenaan|aan het begin|boven (?:het|de) (?:artikel|tekst)|voor de eerste alinea|in de aanhef)\b",
        "no_edits": r"\b(?:ongewijzigd\w*|integraal|onverkort|volledig|in zijn geheel|zonder (?:wijzig|aanpass|bewerk)\w*|niet (?:\S+ )?(?:wijzig|aanpass|bewerk|verander)\w*|niets wijzigen)\b",
        "minor": r"\b(?:kleine|stijl\w*|spelling|inkort\w*|ingekort|datum|plaats- en tijd\w*|redactione\w+)\b",
        "may_edit": r"\b(?:mag|mogen|kan|kunt|toegestaan|behalve|uitgezonderd|prima)\b",
        "headline": r"\b(?:kop|koppen|titel|titels)\b",
        "own_headline": r"\b(?:eigen|andere|nieuwe) (?:kop|titel)",
        "may_edit_headline": r"\b(?:mag|mogen|kan|kunt|toegestaan|behalve)\b",
        "image_excluded": r"\b(?:niet|geen|uitgezonderd|behalve|verboden|apart|zonder)\b",
        "agency": r"\b(?:persbureau\w*|anp|afp|reuters|derden|sommige)\b",
        "image_credit": r"\b(?:vermeld\w*|noem\w*|naam|credit\w*|bron\w*)\b",
        "no_sell": r"\b(?:niet|geen|verboden|zonder)\b.{0,50}\b(?:verkop\w*|verkocht|doorverkop\w*|betaalmuur|doorverkocht)\b|\b(?:verkop\w*|doorverkop\w*)\b.{0,40}\b(?:niet|verboden)",
        "ads_against": r"\b(?:geen|niet)\b.{0,50}\b(?:advertenties|reclame)\b.{0,40}\b(?:rond|bij het artikel|in het artikel|tegen)\b",
        "third": r"""
            \b(?:persbureau\w*|anp|afp|reuters|derden|gastauteur\w*|partner\w*|freelance\w*|andere (?:media|uitgevers))\b.{0,120}\b(?:niet|geen|uitgezonderd|behalve|uitgesloten)
            \b(?:niet|geen|uitgezonderd|behalve|uitgesloten)\b.{0,90}\b(?:persbureau\w*|anp|afp|reuters|van derden|derden)\b
            \brechten (?:liggen|berusten|zijn|blijven) (?:bij|van) (?:de|derden|hun|anderen)|\b(?:eigendom|bezit) van (?:de|derden|hun|anderen)|\bniet van ons\b|\bvan de fotografen\b
        """,
        "takedown": r"\b(?:verwijder\w*|weghal\w*|weg te halen|offline|haal\w*)\b.{0,70}\b(?:op (?:ons |eerste )*verzoek|als we (?:daarom|dat|erom) vragen|zodra we|wanneer wij)\b|\b(?:op (?:ons |eerste )*verzoek|als we (?:daarom|dat|erom) vragen|zodra wij)\b.{0,60}\b(?:verwijder\w*|weg|offline)",
        "remove": r"\b(?:verwijder\w*|weghal\w*|offline|haal\w*|verdwij\w+|niet langer dan|ouder dan|weg)\b",
        "embargo": r"\b(?:na|embargo|wacht\w*|pas|eerder dan|verstreken|voorbij|daarna)\b",
        "embargo_strict": r"\bembargo\b|\bwacht\w*|\bpas\b|\beerder dan\b|\bverstreken\b",
        "window": r"\b(?:binnen|gedurende|tot uiterlijk|in de eerste)\b",
        "after_publication": r"\b(?:publicatie|gepubliceerd|verschijn\w*|verschenen|plaatsing)\b",
        "about_time_ignored": r"\b(?:antwoord\w*|reager\w*|bewaard|sinds|abonnement)\b",
        "contact_context": r"\b(?:toestemming|rechten|licentie|overnem\w*|vragen|vraag|mail|schrijf|contact|hergebruik|twijfel|akkoord|uitgever)\b",
        "contact_ignored": r"\b(?:persoonsgegevens|abonnement\w*|adverteren|donat\w+|vacature\w*|privacy)\b",
        "contributor": r"\b(?:inzend\w+|inzending\w*|door (?:in te zenden|het insturen)|je (?:verhaal|tekst|bijdrage|stuk)|uw (?:tekst|bijdrage|artikel|verhaal)|geef je ons|geeft u ons|bijdrag\w+|schrijf voor)\b",
        "privacy": r"\b(?:persoonsgegevens|privacy|cookies?|avg|uw gegevens|je gegevens|toestemming intrekken|ip-adres\w*|geanonimiseerd\w*)\b",
        "inbound": r"\b(?:leden|moderator\w*|forum|reacties|huisregels|onze (?:redacteuren|auteurs|gebruikers) (?:mogen|moeten)|gebruikers|verbannen|berichten die|deelnemers)\b",
        "news": r"\b(?:zei|zegt|aldus|meldde|maakte bekend|volgens|woordvoerder|(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)|minister\w*|besluit|critici|verwelkom\w*)\b",
        "offer": r"\b(?:onze|mijn) (?:artikelen|teksten|berichten|inhoud|verhalen|stukken|publicaties|feeds|nieuws)\b|\bberichten uit de\b|\bniets uit deze\b|\binhoud van deze (?:site|website)\b",
        "prevails": r"\bprevaleert\b|\bis bindend\b|\bdoorslaggevend\b|\bis leidend\b",
        "not_allow": r"\bzonder\b|\bvoorbehouden\b",
        "holder": r"\b(?:van|aan|bij|door) (?:de|onze) (?:uitgever|redactie|krant)\w*|\buitgever:",
        "show": r"\b(?:ton\w+|toon|weergev\w*|plaats\w*|opnem\w*)\b",
        "without": r"\bzonder (?:\S+ ){0,3}(?:toestemming|akkoord|te vragen|overleg|vragen)\b",
    },
)
