"""Swedish, Norwegian and Danish: near enough to one another for one table."""

from aggregator.rights.notice.language import Language

_PERMISSION = r"(?:tillstånd|tillatelse|tilladelse|avtale|avtal|aftale|samtycke|samtykke|licens|lisens|godkännande|godkjenning|godkendelse)"

_PLAIN = """
och i att det som en ett på är av för med till den de har inte om men utan eller också även så länge när man du ni er
ditt din dina sin sitt sina vi oss vår vårt våra alla allt varje annan andra annat vem helst ingen inget inga ej bara
endast og å at et til for ikke hvis uten uden også lenge længe når dere dine deres jeres sine os våre vores vor alle
alt hver hvert annen andre andet hvem intet kun bare får kan må ska skal skall bör bør måste bli blir blive vara være
var ja tack takk tak gärna gjerne gerne välkommen välkomna velkommen velkomne fritt fri frit fria frie lov tillåtet
tillåten tillåtna tillåter tillatt tillater tilladt tillader tillstånd tillatelse tilladelse rätt rett ret licens
lisens återpublic~ republis~ gjengi~ gengiv~ genoptryk~ genudgiv~ kopier~ publiser~ publicer~ offentliggør~ återge~
använd~ bruke bruk bruker bruges brug bruge brukes sprid~ spre spred~ dela dele del gjenbruk~ genbrug~ tryck~ trykk~
trykke tryk~ lägga ut legge lægge ud artikel artiklar artiklarna artikeln artikler artiklene artiklerne artikkel
artiklerna text texter texterna texten tekst tekster tekstene teksterne teksten innehåll innehållet innhold innholdet
indhold indholdet nyhet nyheter nyheterna nyhetene nyheder nyhederne material materiale materialet sak saker sakene
saken historier reportage reportasje reportasjer webbplats webbplatser webb nettsted nettsteder nett nettet hjemmeside
hjemmesider netavis nettavis sida sidor side sider sajt sajter blogg bloggar blogger blogge blog blogs internet online
nätet medier media tidning tidningar avis aviser aviserne magasin magasiner redaktion redaktioner redaksjon
redaksjoner papper papir print nyhetsbrev nyhedsbrev nyhedsbreve person personer organisation organisationer
organisasjoner förening föreningar forening foreninger foreningene icke-kommersiell icke-kommersiella ikke-kommersiell
ikke-kommersielle ikke-kommerciel ikke-kommercielle ikkekommersielle kommersiell kommersiella kommersielle kommerciel
kommercielle gratis kostnad kostnadsfritt kostnader omkostninger vederlag betaling betalning fråga spørre spørge
villkor vilkår förutsatt forutsatt forudsat ange anger anges angi angis angives angiv oppgi oppgis oppgir uppge uppges
nämn nämna nämns nevn nevne nevnes nævn nævne nævnes kreditera krediter krediteres kredit kreditering namn namnet navn
navnet navnes källa källan kilde kilden källhänvisning kildehenvisning kildeangivelse författare författaren
författarens forfatter forfatteren forfatterens forfattare journalist journalisten byline länk länkar länka länkas
lenke lenker lenkes lenk link links linkes linke original originalet originalen originalartikeln originalartikkelen
tydlig tydligt tydelig klart synlig synligt tilbake tilbage tillbaka erkännande navngivelse copyright url adresse
adress ändra ändras ändringar oförändrad oförändrade endre endres endringer uendret uendrede ændre ændres ændringer
uændret uændrede redigera redigere förkorta forkorte hel hela helt hele heile helhet helhed full fullständig titel
titlar tittel titler rubrik rubriker overskrift overskrifter utdrag uddrag delvis bild bilder bilderna bilde bildene
billede billeder billederne foto fotografier illustrationer illustrasjoner sälja säljas selge selges sælge sælges
översätta översättas översättning oversette oversettes oversettelse oversætte oversættes oversættelse creative commons
cc by by-nd by-nc by-sa by-nc-nd by-nc-sa annet oppgitt angivet timmar timme timer time dagar dag dager dage dygn døgn
vecka veckor uke uker uge uger månad månader måned måneder år efter etter originalsaken originalsaka originalartikkel
"""
"""Words of a plain permission; `~`: and whatever short ending follows."""

SCANDINAVIAN = Language(
    code="sv",
    plain=_PLAIN,
    common="och i att det som en på är av för med till den har inte om ett men får våra og er ikke til våre vores kan med de et av kun må fra så lenge uten uden",
    numbers="noll - två tre fyra fem sex sju åtta nio tio elva tolv",
    tens={
        "to": 2,
        "tjugo": 20,
        "tjugofyra": 24,
        "trettio": 30,
        "hundra": 100,
        "tjue": 20,
        "tredive": 30,
        "tretti": 30,
        "hundre": 100,
        "fjorton": 14,
        "fjorten": 14,
    },
    one=r"e[tn]t?",
    units={
        "hours": "timm\\w+|timer?",
        "days": "dag\\w*|døgn|dygn",
        "weeks": "veck\\w+|uke\\w*|uge\\w*",
        "months": "månad\\w*|måned\\w*",
        "years": "år",
    },
    sizes={
        "words": "ord",
        "sentences": "meningar?|setninger?|sætninger?",
        "characters": "tecken|tegn",
        "lines": "rader|linjer",
        "paragraphs": "stycken|avsnitt|afsnit",
        "percent": "procent|prosent|%",
    },
    patterns={
        "grant": r"\b(?:får|kan|må|tillåt\w+|tillate\w*|tilladt|fritt?|gratis|velkommen|välkomn\w+|gärna|gjerne|gerne|lov til)\b",
        "refuse": r"\b(?:inte|ikke|ingen|inga|aldri|aldrig|förbjud\w+|forbud\w*|forbudt|ej|undantag\w*|unntatt|undtaget|unntak)\b",
        "ask": rf"\b(?:inte|ikke|ingen|inga|ej|forbud\w*|förbjud\w+|kun|endast|bara|bare)\b.{{0,120}}\b(?:utan|uten|uden|med|efter|etter)\b.{{0,50}}{_PERMISSION}|\b(?:kräver|krever|kræver|behöv\w+|behøver|fordrer|trenger)\b.{{0,50}}{_PERMISSION}|\b(?:kontakta|kontakt|spør|spørg|fråga|skriv|mejla|ta kontakt)\b.{{0,60}}\b(?:först|først|innan|på forhånd|på förhand|i förväg)\b|\bbetal\w+|\bavgift\w*",
        "free": r"\b(?:utan|uten|uden) (?:att fråga|å spørre|at spørge)\b|\b(?:inget|ingen|intet) (?:tillstånd|tillatelse|tilladelse) (?:krävs|kreves|kræves)\b",
        "but": r", (?:men|dock|forutsatt|förutsatt|forudsat|så länge|så lenge|så længe)\b|;| – | — ",
        "strong": r"\b(?:återpublic|gjengi|gengiv|republis|genoptryk|kopier|återge)\w*",
        "whole": r"\båterpublic\w+|\bgjengi\w*|\bgengiv\w*|\brepublis\w+|\bgenoptryk\w*|\bkopier\w+|\bpubliser\w*|\bpublicera\w*|\båterge\w*|\banvänd\w*|\bbruk\w*|\bbrug\w*|\bspri[dt]\w*|\bdela\b|\bdele\b|\bgjenbruk\w*|\bgenbrug\w*",
        "quote": r"\bcitat\w*|\bsitat\w*|\bciter\w+|\bsiter\w+|\butdrag\w*|\buddrag\w*|\brubrik\w* och|\boverskrift\w* og",
        "part": r"\bdelvis\b|\bdelvist\b|\butdrag\w*|\buddrag\w*|\bhelt eller\b",
        "translate": r"\böversätt\w+|\boversett\w*|\boversæt\w*",
        "print": r"\btryck\w*|\btrykk\w*|\btryk\w*|\btidning\w*|\bavis(?:er|en)?\b|\bpapir\w*|\bpapper\w*|\btidsskrift\w*",
        "edit": r"\bändr\w+|\bendr\w+|\bændr\w+|\bredigera\w*|\brediger\w*|\bförkort\w+|\bforkort\w+|\boförändra\w*|\buendre\w*",
        "sell": r"\bsälj\w+|\bselg\w*|\bsælg\w*|\bvidaresälj\w*|\bvideresalg\w*",
        "image": r"\bbild(?:er|erna)?\b|\bbilde(?:r|ne)?\b|\bbillede\w*|\bfoto\w*|\billustration\w*|\billustrasjon\w*",
        "text": r"\bartik\w+|\btext\w*|\btekst\w*|\bsaker\b|\bsak\b|\binnehåll\w*|\binnhold\w*|\bindhold\w*|\bnyhe\w+",
        "other_object": r"\blogotyp\w*|\blogo\w*|\bpersonuppgifter\b|\bpersonopplysninger\b|\bcookies?\b",
        "feed": r"\brss\b|\bflöde\w*|\bstrøm\w*",
        "ai_train": r"\bai\b|\bartificiell intelligens\b|\bkunstig intelligens\b|\bträn\w+|\btren(?:e|ing)\w*|\bspråkmodel\w*|\btextutvinning\b",
        "auto": r"\bautomati\w+|\bskrap\w+|\bscrap\w+|\brobot\w*|\bmassiv\w*|\bsystemati\w+",
        "community": r"\bförening\w*|\bforening\w*|\bblogg\w*|\bblog\b|\bprivatperson\w*|\blokalsam\w+|\bvelforening\w*",
        "nonprofit": r"\bideell\w*|\bskol\w+|\bskole\w*|\bfrivillige\w*|\bnon-?profit\b|\borganisa[st]\w+",
        "noncommercial": r"\bicke-?kommersiell\w*|\bikke-?kommersiel\w*|\bikke-?kommerciel\w*|\butan reklam\b|\buten reklame\b",
        "commercial": r"\bkommersiel\w*|\bkommerciel\w*|\bföretag\w*|\bbedrift\w*|\bvirksomhed\w*|\bförlag\w*|\bforlag\w*",
        "anyone": r"\balla(?! rättigheter)\b|\balle(?! rettigheter)\b|\bandra medier\b|\bandre medier\b|\bnettsteder\b|\bmedier\b",
        "others": r"\bövrig\w*|\bannan användning\b|\bannen bruk\b|\banden brug\b|\balla andra\b|\balle andre\b",
        "personal": r"\bpersonlig\w* bruk\b|\bprivat\w* bruk\b|\beget bruk\b|\begen bruk\b|\bprivat brug\b",
        "reserved": r"\balla rättigheter förbehåll\w+|\balle rettigheter (?:forbehold\w+|reservert)|\bmed ensamrätt\b",
        "credit_source": r"\bkäll\w+|\bkilde\w*|\b(?:anges?|nämn\w*|krediter\w*|nevn\w*|nævn\w*|oppgi\w*)\b.{0,50}(?:§name|\bvårt navn\b|\bvårt namn\b)|§name.{0,40}\b(?:krediter\w*|nämn\w*|nevn\w*|nævn\w*)|\bkrediter\w*",
        "credit_author": r"\b(?:författar\w*|forfatter\w*|journalist\w*|skribent\w*|reporter\w*)\b.{0,50}\b(?:krediter\w*|nämn\w*|nevn\w*|nævn\w*|anges|oppgi\w*)|\b(?:krediter\w*|nämn\w*|nevn\w*|nævn\w*|ange|oppgi\w*)\b.{0,50}\b(?:författar\w*|forfatter\w*|journalist\w*|skribent\w*)",
        "link": r"\blänk\w*|\blenke\w*|\blenkes\b|\blink\w*",
        "link_article_strict": r"\boriginal\w*|\bartik\w+",
        "no_edits": r"\boförändra\w*|\buendre\w*|\buændre\w*|\b(?:inte|ikke) (?:ändra|endre|ændre|redigera|redigere)\w*|\bi sin helhet\b|\bi sin helhed\b",
        "image_excluded": r"\b(?:inte|ikke|ingår|inkludert|omfatt\w+|undantag\w*|unntatt)\b",
        "agency": r"\bbyrå\w*|\bntb\b|\btt\b|\britzau\b",
        "no_sell": r"\b(?:inte|ikke|ej)\b.{0,40}\b(?:sälj\w+|selg\w*|sælg\w*|vidaresälj\w*)",
        "third": r"\b(?:byrå\w*|bureau\w*|ntb|tt|ritzau|tredje ?part\w*)\b.{0,100}\b(?:inte|ikke|unntatt|undantag\w*)|\b(?:inte|ikke|unntatt|undantag\w*)\b.{0,80}\b(?:byrå\w*|bureau\w*|ntb|ritzau|tredje ?part\w*)",
        "takedown": r"\bpå (?:vår )?(?:begäran|forespørsel|anmodning|oppfordring)\b.{0,60}\b(?:ta bort|fjern\w*)|\b(?:ta bort|fjern\w*|slett\w*)\b.{0,60}\bpå (?:vår )?(?:begäran|forespørsel|anmodning)",
        "remove": r"\bta bort\b|\bfjern\w*|\bslett\w*|\btas ned\b",
        "embargo": r"\befter\b|\better\b|\bembargo\b|\btidigast\b|\btidligst\b|\bvänta\w*|\bvent\w*",
        "embargo_strict": r"\bembargo\b|\btidigast\b|\btidligst\b|\bvänta\w*|\bvent\w*",
        "after_publication": r"\bpublicering\w*|\bpublisering\w*|\budgivelse\w*|\bpublicerad\w*|\bpublisert\b",
        "contact_context": r"\btillstånd\b|\btillatelse\b|\bkontakt\w*|\bavta?le?\b|\brätt\w*|\brett\w*|\båterpublic\w+|\bdeling\b",
        "contact_ignored": r"\bpersonuppgift\w*|\bprenumer\w+|\babonne\w+",
        "contributor": r"\binsänd\w*|\bdin text\b|\bdu ger oss\b|\bdu gir oss\b|\binnsend\w+|\bbidrag\w*",
        "privacy": r"\bpersonuppgift\w*|\bpersonopplysning\w*|\bcookies?\b|\bintegritet\w*|\bpersonvern\w*",
        "inbound": r"\bmedlem\w*|\bmoderator\w*|\bforum\w*|\bkommentar\w*",
        "news": r"\bsade\b|\bsa\b|\bmeddelade\b|\bopplyste\b|\benligt\b|\bifølge\b",
        "offer": r"\bvåra (?:artiklar|texter|nyheter)\b|\bvåre (?:artikler|saker|tekster)\b|\bvores (?:artikler|tekster)\b",
    },
)
