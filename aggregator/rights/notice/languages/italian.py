"""Italian."""

from aggregator.rights.notice.language import Language

_PERMISSION = (
    r"(?:autorizzazion[ei]|permess[oi]|consenso|licenz[ae]|accord[oi]|contratto|nulla osta|assenso|liberatoria)"
)

_PLAIN = """
il lo la i gli le l un uno una di del dello della dell dei degli delle d a ad al allo alla all ai agli alle da dal
dallo dalla dall dai dagli dalle in nel nello nella nell nei negli nelle su sul sullo sulla sull sui sugli sulle con
per tra fra e ed o oppure ma anche così che chi cui come se si ci ne non né nessun nessuna nessuno niente nulla tutto
tutta tutti tutte ogni ognuno ciascuno chiunque qualsiasi qualunque altro altra altri altre altrui voi vostro vostra
vostri vostre tu tuo tua tuoi tue noi nostro nostra nostri nostre loro suo sua suoi sue lei lui essi esso essa stesso
stessa stessi stesse questo questa questi queste quello quelli quella ciò qui quest più molto solo soltanto solamente
unicamente salvo eccetto tranne eccezione senza è sono essere sia siano viene vengono venga vengano ha hanno avere può
possono potete puoi potrà potranno possiate deve devono dovete devi dovrà dovranno basta volete vuole vuoi desidera
desiderate fare fate facendo fai prego grazie sì certo volentieri liberamente libero libera liberi libere sempre
semplicemente benvenuto benvenuti invitiamo incoraggiamo invitati felici lieti permesso permessa permessi permette
permettiamo consentito consentita consentiti consentite consente consentiamo autorizzato autorizzata autorizzati
autorizzate autorizziamo autorizza autorizzazione lecito diritto diritti concede concediamo concesso offriamo offre
dare dando dà diamo licenza licenze sotto ripubblicare pubblicarlo pubblicarli pubblicarle pubblica pubblicano
pubblichi pubblichino pubblicato pubblicata pubblicati pubblicate pubblicando pubblichiamo pubblicazione pubblicazioni
pubblic~ riprodu~ riproduc~ riproduzion~ ripres~ riprend~ copi~ riutilizz~ utilizz~ usare usati usate uso usi usarlo
usarli diffond~ diffusion~ diffus~ distribu~ ridistribu~ condivi~ stamp~ ristamp~ postare rilanciare rilancio mettere
impiegare articolo articoli testo testi contenuto contenuti notizia notizie pezzo pezzi storia storie inchiesta
inchieste reportage lavoro lavori materiale materiali informazione informazioni servizio servizi giornalismo opera
opere sito siti web pagina pagine internet rete online blog blogger testata testate giornale giornali rivista riviste
media mezzo mezzi editore editori redazione redazioni portale portali newsletter piattaforma piattaforme carta
carta-stampata stampa persona persone organizzazione organizzazioni ente enti associazione associazioni comunità
comunitari comunitarie volontariato lucro scopo scopi fini fine no-profit noprofit profit nonprofit non-profit
commerciale commerciali commercialmente quartiere gratis gratuito gratuita gratuiti gratuite gratuitamente costo costi
spese pagamento pagare titolo compenso condizione condizioni purché patto seguente seguenti regole regola chiedere
chiederci cita citi citino citare citando citato citata citandone citazione menzion~ indic~ nomin~ nome nomi riport~
accredit~ credito crediti attribu~ segnal~ specific~ inserire inserendo inserisca mantenere mantenendo mantenga
compaia compaiano appaia figuri resti restino conservare lasciare rispettare fonte fonti autore autori autrice autrici
giornalista giornalisti firma firme provenienza origine attribuzione paternità link linkare linkando linkate linkato
collegamento collegamenti ipertestuale rimando rinvio rimandi punti originale originali originariamente url indirizzo
copyright visibile chiaramente chiaro chiara diretto attivo inizio fondo testa piè modific~ cambi~ alter~ integral~
intero intera interi intere interamente integro completo completa completi complete inalterato inalterati invariato
invariati tale tali quale quali parte parti parziale parziali totale parzialmente tagliare accorciare titoli estratto
estratti integrità immagine immagini foto fotografia fotografie illustrazione illustrazioni grafico grafici grafica
video vignette vignetta vendere venduto venduti vendita rivendere rivendita tradurre tradotto tradotti traduzione
traduzioni creative commons cc by by-nd by-nc by-sa by-nc-nd by-nc-sa internazionale diversamente diversa indicato
specificato contrario mondo modo maniera forma proprio propria propri proprie possibile ora ore giorno giorni
settimana settimane mese mesi anno anni dopo rilasciato rilasciati rilasciate siete adattare serve
"""
"""Words of a plain permission; `~`: and whatever short ending follows."""

ITALIAN = Language(
    code="it",
    plain=_PLAIN,
    common="il lo la i gli le di del della dei delle e in che un una per con non si è sono da al alla nostri nostre su o come anche",
    numbers="zero - due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici",
    tens={
        "venti": 20,
        "ventiquattro": 24,
        "venticinque": 25,
        "trenta": 30,
        "quaranta": 40,
        "quarantotto": 48,
        "cinquanta": 50,
        "sessanta": 60,
        "settanta": 70,
        "settantadue": 72,
        "ottanta": 80,
        "novanta": 90,
        "cento": 100,
        "duecento": 200,
    },
    one=r"un[oa]?",
    units={
        "hours": "or[ae]",
        "days": "giorn[oi](?: lavorativi)?",
        "weeks": "settiman[ae]",
        "months": "mes[ei]",
        "years": "ann[oi]",
    },
    sizes={
        "words": "parol[ae]",
        "sentences": "fras[ei]|period[oi]",
        "characters": "caratter[ei]|battute",
        "lines": "righe|riga",
        "paragraphs": "paragraf[oi]|capovers[oi]",
        "percent": "per cento|%",
    },
    patterns={
        "grant": r"""
            \b(?:può|possono|potete|puoi|potranno|potrà|è possibile(?= (?:ri(?:produrre|pubblicare|prendere|utilizzare)|copiare|pubblicare|stampare|utilizzare|usare|condividere)))\b
            \b(?:consentit\w+|permess[aoei]|permett\w+|autorizzat\w+|liber[aoi]|liberamente|gratis|gratuit\w+|benvenut\w+|invitiamo|concediamo|concess\w+|ammess\w+|autorizziamo)\b
            \bcon licenza\b|\bsotto licenza\b|\bfate pure\b|\bprendete\b|\busateli\b|\busate(?:le)?\b|\bcopiate\b|\bcondividete\b|\bsenza problemi\b|\bvolentieri\b|\ba disposizione\b
        """,
        "yes": r"^(?:sì|certo|certamente|volentieri|naturalmente|assolutamente sì|ma certo)\b",
        "no": r"^(?:no|purtroppo|spiacenti|ci dispiace|mai|solo con)\b",
        "refuse": r"\bnon\b|\bvietat\w+|\bproibit\w+|\bè vietat\w+|\besclus\w+|\bdivieto\b|\bnessun\w*\b|\bniente\b|\bnulla (?:di|può)\b|\beccetto\b|\btranne\b|\bsalvo\b|\bné\b|\bmai\b|\bci opponiamo\b",
        "ask": rf"""
            \b(?:non|vietat\w+|proibit\w+|nessun\w*|ogni|qualsiasi|divieto)\b.{{0,180}}\b(?:senza|salvo|se non|eccetto|previ[ao]|richied\w+|necessit\w+)\b.{{0,60}}{_PERMISSION}
            \b(?:richied\w+|richiest\w+|necessit\w+|serv\w+|occorr\w+|(?<!senza )chied\w+|ottener\w+|previ[ao]|soggett\w+|subordinat\w+|bisogn\w+|necessari\w+|solo con)\b(?: \S+){{0,6}} {_PERMISSION}
            {_PERMISSION}.{{0,40}}\b(?:preventiv\w+|scritt\w+|necessari\w+|obbligatori\w+|esplicit\w+|previ\w+)\b
            \b(?:chied\w+|scriv\w+|contatt\w+|domand\w+|telefon\w+|interpell\w+)\b.{{0,60}}\b(?:prima|preventivamente|in anticipo)\b|\bprima\b.{{0,40}}\b(?:chied\w+|scriv\w+|contatt\w+)\b
            \bchiediamo di (?:scrivere|contattar\w+)|\b(?:devono|deve|dovete|preghiamo di|si prega di)\b.{{0,30}}\b(?:chiedere|richiedere|contattare|scrivere|rivolgersi)\b|\bpag(?:a|ano|amento)\b|\btariff\w+|\ba pagamento\b|\bsu richiesta\b|\battendere una risposta\b|\bcontattateci\b|\bscriveteci\b|\bper richieste\b
        """,
        "free": rf"""
            \b(?:non serve|non occorre|non è necessari[ao]|non è richiest[ao]|non servono)\b.{{0,40}}(?:{_PERMISSION}|chiedere|avvisar\w*)
        """,
        "not_grant": r"\bpossiamo\b|\bpotremmo\b|\bpotremo\b|\bpossono (?:cambiare|variare|contenere)\b|\bpuò (?:cambiare|variare|essere modificat[ao] in)\b|\bposso\b",
        "ask_firm": r"\bprima\b|autorizzazione|permesso|\bprevi",
        "either": r"\banche (?:su testate |a fini |per fini |da testate )?commercial\w+|\bcommercial[ei] (?:o|e) non\b|\bcon o senza (?:pubblicità|scopo)\b",
        "but": r", (?:ma|però|tuttavia|purché|a condizione|a patto|invece)\b|;| – | — ",
        "both": r"\b(?:in tutto o in parte|integralmente o (?:in|per)|totale o parziale)\b",
        "whether": r"\bci chiedono se\b|\bse (?:si )?(?:può|possono|possa)\b.{0,60}:$",
        "wish": r"\b(?:apprezz\w+|gradit\w+|non (?:è )?obbligatori\w+|facoltativ\w+|se (?:volete|vuoi|vi va)|ci farebbe piacere|ci piacerebbe|sarebbe (?:bello|gradito))\b",
        "strong": r"\b(?:riprodu|ripubblic|ripren|riprodott|copi|ridistribu|diffon)\w*",
        "whole": r"\briprodu\w+|\briprodott\w+|\briproduzione\b|\bripubblic\w+|\bripren\w+|\bripres\w+|\bcopi(?:are|arli|ate|a|arlo)\b|\bridistribu\w+|\bdistribu\w+|\bdiffon\w+|\bdiffusione\b|\butilizz\w+|\busare\b|\busarli\b|\buso\b|\busate\w*\b|\briutilizz\w+|\bpubblicare\b|\bpubblicazione\b|\bcondivid\w+|\bmostrare\b|\bqualsiasi (?:uso|utilizzo)\b|\btrasmett\w+|\brilanci\w+|\bospitare\b",
        "quote": r"\b(?:citazion[ei]|citare (?:fino|un|una|brev\w+|\d)|estratt[oi]|brani|stralci\w*|riassunt[oi]|sommari[oi]?|titol[oi] e|sintesi|anteprima|occhiello)\b|\b(?:fino a|massimo|al massimo) \d+ (?:parole|righe|caratteri|frasi)|\bil titolo\b|\briportar\w+ (?:fino|il titolo|al massimo)",
        "part": r"\bparzial\w+|\bin parte\b|\bqualsiasi (?:forma|mezzo)\b|\bestratt[oi]\b|\bstralci\b",
        "translate": r"\btradu\w+|\btradott\w+",
        "print": r"\b(?:stampa|stampat\w+|cartace\w+|carta|giornali|riviste|libri|quotidiani|bollettini|qualsiasi mezzo|ogni mezzo)\b",
        "edit": r"\b(?:modific\w+|alter\w+|cambi\w+|tagli\w+|abbrevi\w+|adatt\w+|accorci\w+|integral\w+|interi?|intera|riscriv\w+|trasform\w+)\b",
        "sell": r"\b(?:vend\w+|rivend\w+|vendita|rivendita|a pagamento|paywall)\b",
        "image": r"\b(?:foto|fotografi[ae]|immagin[ei]|illustrazion[ei]|vignett[ae]|grafic[ai]|video|disegni|infografiche)\b",
        "text": r"\b(?:articol[oi]|test[oi]|contenut[oi]|notizi[ae]|pezz[oi]|reportage|storie|servizi|inchieste|comunicati|post|materiali|pubblicazioni|feed)\b",
        "other_object": r"\b(?:logo|loghi|marchi|marchio|stemma|software|codice sorgente|dati personali|cookie|commenti)\b",
        "feed": r"\b(?:rss|feed|flussi?)\b",
        "ai_train": r"\b(?:ia|ai|intelligenz[ae] artificial[ei]|addestr\w+|modelli linguistici|apprendimento automatico|generativ\w+|llm|text and data mining)\b",
        "auto": r"\b(?:automatic\w+|automatizzat\w+|robot|bot|scraping|massiv\w+|sistematic\w+|estrazione|data mining|aggregator\w+|in blocco)\b",
        "community": r"\b(?:associazion[ei]|blog|siti personali|comitati|quartier\w+|parrocch\w+|volontari\w*|comunità|comunitar\w+|privati|circoli|amatorial\w+|collettivi)\b",
        "nonprofit": r"\b(?:non profit|no profit|senza (?:scopo|fini) di lucro|onlus|ong|scuol[ae]|università|bibliotec\w+|enti del terzo settore|didattic\w+|insegnanti|fondazioni)\b",
        "noncommercial": r"\b(?:non commercial[ei]|senza (?:fini|scopi|pubblicità)(?: commerciali)?|non a (?:fini|scopo) (?:commercial|di lucro)\w*|non lucrativ\w+)\b",
        "commercial": r"\b(?:commercial[ei]|aziend[ae]|impres[ae]|editori|giornali|riviste|quotidiani|testate|lucro|portali|pubblicità|agenzie|emittenti|a pagamento)\b",
        "ads": r"\bcon (?:la )?pubblicità\b",
        "anyone": r"\b(?:chiunque|tutti|tutte le testate|ogni testata|qualsiasi (?:testata|sito|mezzo|giornale)|altre testate|altri siti)\b(?! i diritti)",
        "others": r"\b(?:tutti gli altri|ogni altr[oa]|qualsiasi altr[oa]|gli altri|altri usi|negli altri casi|diversi usi)\b",
        "personal": r"\b(?:uso (?:strettamente |esclusivamente )?(?:personale|privato))\b",
        "narrow": r"\b(?:scolastic\w+|universitari\w*|studenti|studentesc\w+|abbonat\w+|soci|partner|accreditat\w+)\b",
        "public_domain": r"\bpubblico dominio\b|\bdominio pubblico\b",
        "reserved": r"\btutti i diritti (?:sono )?riservati\b|\briproduzione riservata\b|\bdiritti riservati\b",
        "credit_source": r"""
            \b(?:cit(?:are|ando|ate|i|ino|azione)|indic\w+|menzion\w+|nomin\w+|riport\w+|scriv\w+|specific\w+|attribu\w+|segnal\w+|con)\b.{0,70}(?:\bfonte\b|§name|\bnostro nome\b|\btestata\b|\bprovenienza\b)
            \bcitando la fonte\b|\bindicando la fonte\b|\bpubblicat[oa] (?:originariamente|per la prima volta)\b|\bda §name|§name.{0,40}\b(?:citat\w+|indicat\w+|menzionat\w+)
        """,
        "credit_author": r"\b(?:cit(?:are|ando|ate|i)|indic\w+|menzion\w+|nome|nomin\w+|riport\w+|con|firma|mantener\w+|attribu\w+|conserv\w+)\b.{0,50}\b(?:autor(?:e|i|ice|ici)|giornalist[aei]|firma|cronist[aei]|chi (?:lo )?(?:ha scritto|firma))\b",
        "author_not": r"\bdiritt[oi] d'autore\b|\bproprietà degli autori\b|\bai loro autori\b",
        "link": r"\b(?:link|collegament[oi]|rimand[oi]|hyperlink|linkare)\b",
        "not_link": r"\blink (?:esterni|a siti (?:terzi|esterni))\b",
        "link_home": r"\b(?:link|collegament\w+|rimand\w+)\b.{0,50}\b(?:home ?page|nostro sito|www\.|§url|pagina principale)",
        "link_article_strict": r"\b(?:originale|articolo|pezzo|pagina)\b(?! principale)",
        "canonical": r"\bcanonic\w+|\bcanonical\b|\bnoindex\b",
        "keep_links": r"\b(?:mantener\w+|mantenete|conserv\w+|lasciare|lasciate)\b.{0,30}\b(?:tutti i |i )?(?:link|collegamenti)\b",
        "tracker": r"\b(?:pixel|contatore|tracciamento|codice di tracking)\b",
        "copyright_notice": r"\b(?:nota|avviso|riga|dicitura) (?:di|sul) (?:copyright|diritto)\b|\b(?:riport\w+|mantener\w+|includ\w+)\b.{0,30}\b(?:copyright|questa nota)",
        "licence_notice": r"\b(?:indic\w+|menzion\w+|cit\w+|riport\w+|link)\b.{0,40}\b(?:la|questa|della|alla) licenza\b",
        "notify": r"\b(?:avvis\w+|inform\w+|comunic\w+|segnal\w+|fateci sapere|facci sapere|mandateci|inviateci|inviarci|scrivendoci)\b",
        "notify_context": r"\b(?:ci|mail|email|link|pubblicazione|noi|copia|quando|messaggio)\b|avvisateci|fateci|mandateci|inviateci|segnalateci|informateci",
        "bio": r"\b(?:nota|frase|riga|biografia|testo|box)\b.{0,40}\b(?:finale|in fondo|in calce|alla fine|sull'autore|biografica|di chiusura)\b",
        "top": r"\b(?:in (?:cima|testa|apertura)|all'inizio|prima del (?:testo|primo)|in alto)\b",
        "no_edits": r"\b(?:senza (?:modific\w+|tagli|alter\w+|cambiament\w+)|non modific\w+|non (?:si )?(?:può|possono|deve) (?:essere )?(?:modific|alter|cambi)\w+|integral\w+|per intero|così com'è)\b",
        "minor": r"\b(?:minor[ei]|stile|refus[oi]|date|accorci\w+|tagliar\w+|abbrevi\w+|piccol[ei]|lunghezza)\b",
        "may_edit": r"\b(?:può|possono|potete|consentit\w+|permess\w+|salvo|eccetto|tranne|ammess\w+)\b",
        "headline": r"\b(?:titol[oi])\b",
        "own_headline": r"\b(?:altro|nuovo|cambiare il|proprio) titolo|titolo si può",
        "may_edit_headline": r"\b(?:può|possono|potete|consentit\w+|tranne|eccetto|salvo|liber\w+)\b",
        "image_excluded": r"\b(?:non|esclus\w+|tranne|eccetto|salvo|vietat\w+|separatamente)\b",
        "agency": r"\b(?:agenzi[ae]|ansa|afp|reuters|terzi|alcune)\b",
        "image_credit": r"\b(?:cit\w+|credit\w*|nome|indic\w+|menzion\w+)\b",
        "no_sell": r"\b(?:non|vietat\w+|né|senza)\b.{0,60}\b(?:vend\w+|rivend\w+|vendita|rivendita|a pagamento)\b",
        "ads_against": r"\b(?:non|né|vietat\w+|senza)\b.{0,50}\b(?:pubblicità|annunci)\b.{0,40}\b(?:accanto|attorno|dentro|contro|associat\w+ all)\w*",
        "third": r"""
            \b(?:agenzi[ae]|ansa|afp|reuters|terzi|ospiti|collaborator\w+|partner|altre testate)\b.{0,120}\b(?:non|esclus\w+|tranne|eccetto|appartengono|vietat\w+)
            \b(?:non|esclus\w+|tranne|eccetto|salvo)\b.{0,90}\b(?:agenzi[ae]|ansa|afp|reuters|di terzi|terzi|altre testate)\b
            \b(?:proprietà|diritti) (?:degli?|dei|delle|di|ai) (?:autori|rispettiv\w+|terzi|fotografi|loro|altri|disegnatori)\b|\bappartengono (?:ai|agli|a) (?:loro|rispettivi|terzi|autori|fotografi|altri)|\bnon sono nostr[ei]\b
        """,
        "takedown": r"\b(?:rimuov\w+|rimoss\w+|cancell\w+|elimin\w+|togli\w+|ritir\w+)\b.{0,70}\b(?:su (?:nostra )?richiesta|se (?:ve )?lo chied\w+|quando (?:ve )?lo chied\w+|a (?:nostra )?richiesta|se richiesto)\b|\b(?:su (?:nostra )?richiesta|a richiesta|se (?:ve )?lo chied\w+|quando (?:ve )?lo chied\w+)\b.{0,60}\b(?:rimuov\w+|rimoss\w+|cancell\w+|elimin\w+|togli\w+|ritir\w+)",
        "remove": r"\b(?:rimuov\w+|rimoss\w+|cancell\w+|elimin\w+|togli\w+|scompar\w+|non più di|oltre)\b",
        "embargo": r"\b(?:dopo|embargo|attend\w+|aspett\w+|trascors\w+|passat\w+|prima che|a partire|prima di|non prima)\b",
        "embargo_strict": r"\bembargo\b|\battend\w+|\baspett\w+|\btrascors\w+|\bnon prima\b|\bpassat\w+",
        "window": r"\b(?:entro|durante|per i|nei|fino a)\b",
        "after_publication": r"\b(?:pubblicazione|pubblicat\w+|uscita|usciti|comparsa)\b",
        "about_time_ignored": r"\b(?:rispond\w+|risposta|conserv\w+ (?:i dati|per)|dal|abbonamento)\b",
        "contact_context": r"\b(?:permess\w+|autorizz\w+|diritti|licenz\w+|ripubblic\w+|richiest\w+|scriv\w+|contatt\w+|riproduzione|domande|informazioni|avvis\w+)\b",
        "contact_ignored": r"\b(?:dati personali|abbonament\w+|pubblicità:|donazion\w+|lavoro|privacy)\b",
        "contributor": r"\b(?:inviando\w*|ci (?:concedi|cedi|concede|cede|concedete|autorizzi)\w*|collaborazion[ei]|collaborator\w+|tu[oi] (?:testo|articolo|racconto|manoscritto|testi)|vostr[oi] (?:testo|articolo|testi|racconti)|proposte|candidature|manoscritt[oi])\b",
        "privacy": r"\b(?:dati personali|privacy|cookie|gdpr|tuoi dati|vostri dati|consenso|indirizzo ip|anonimizzat\w+|trattamento)\b",
        "inbound": r"\b(?:membri|moderator\w+|forum|commenti|regolamento|nostri (?:redattori|autori|utenti) (?:possono|devono)|utenti|sospes\w+|partecipanti|messaggi)\b",
        "news": r"\b(?:ha (?:detto|annunciato|dichiarato|spiegato|affermato)|secondo|portavoce|(?:lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica)|ministr\w+|critici|decisione|comune)\b",
        "offer": r"\b(?:nostr[ei]|miei|mie) (?:articol[oi]|test[oi]|contenut[oi]|notizie|storie|pezzi|inchieste|post|feed|materiali)\b|\btutti gli articoli\b|\briproduzione, anche\b|\bcontenuti (?:di questo|del) sito\b|\bgli articoli\b",
        "prevails": r"\bfa fede\b|\bprevale\b|\bvincolante\b",
        "not_allow": r"\bsenza\b|\bsalvo\b|\briservat\w+",
        "holder": r"\b(?:dell'|dall'|all')(?:editore|azienda|agenzia)\b|\bdella testata\b|\btestata registrata\b",
        "show": r"\b(?:mostr\w+|visualizz\w+|pubblic\w+|inserir\w*)\b",
        "without": r"\bsenza (?:\S+ ){0,2}(?:autorizzazione|permesso|consenso|chieder\w*|doverci|dover chiedere)",
    },
)
