"""Polish."""

from aggregator.rights.notice.language import Language

_PERMISSION = r"(?:zgod[ayęą]|zezwoleni[ae]|licencj[aięą]|pozwoleni[ae]|umow[ayęą])"

_PLAIN = """
i oraz lub albo a ale też także jak jeśli jeżeli gdy o ile pod warunkiem że warunek warunki warunkach w we na z ze do
od po za przez przy dla bez nad między u co kto który która które których którzy którym nie ani żaden żadnych nic
wszystko wszystkie wszystkich wszyscy każdy każda każde każdego każdej inny inna inne innych innym innymi inni ty ci
wy wam wasz wasza wasze waszej nasz nasza nasze naszych naszym naszej naszego my nas nam nami ich jego jej się siebie
swój swoja swoje swoich swojej to ten ta te tego tej tych tym jest są być będzie ma mają mieć może mogą można możesz
możecie możemy wolno powinien powinna powinni powinno należy musi muszą trzeba wystarczy prosimy proszę dziękujemy tak
chętnie zawsze tylko wyłącznie jedynie oprócz wyjątkiem chyba zgoda zgody zgodę zezwala zezwalamy pozwala pozwalamy
dozwolone dozwolony dozwolona prawo prawa zaprasza zapraszamy zachęcamy swobodnie wolny wolne licencja licencji
licencją publikow~ publikac~ opublikow~ przedruk~ przedrukow~ kopiow~ skopiow~ powiel~ wykorzyst~ używać użyć użycie
użycia rozpowszechni~ udostępni~ rozprowadza~ republik~ zamieszcza~ zamieścić umieszcza~ umieścić drukow~ powtór~
artykuł~ tekst~ treść treści treściami materiał materiały materiałów materiałami wiadomość wiadomości informacja
informacje informacji reportaż reportaże reportaży praca prace strona strony stron stronie stronach internet internetu
internecie internetowy internetowa internetowe internetowych internetowej sieci online serwis serwisy serwisach
serwisu portal portale portalach blog blogi blogach blogów gazeta gazety gazetach media mediów mediach redakcja
redakcje redakcji czasopism czasopisma newsletter newsletterach druk druku papierze wydawca wydawcy osoba osoby
organizacja organizacje organizacji stowarzyszenia stowarzyszeń niekomercyjny niekomercyjne niekomercyjnych
niekomercyjnie komercyjny komercyjne komercyjnych celach celów pozarządowe bezpłatnie bezpłatne bezpłatny darmo
darmowe darmowy nieodpłatnie opłat opłaty podania podaniem podać podając podane podano podanie wskazania wskazaniem
wskazać oznaczenia oznaczenie źródło źródła źródłem autor autora autorów autorki autorem imię imienia imieniem
nazwisko nazwiska nazwiskiem nazwa nazwy nazwę link linku linkiem linki odnośnik odnośnika odnośnikiem odesłanie
hiperłącze oryginał oryginału oryginalny oryginalnego oryginalna prowadzi prowadzący aktywny aktywnym widoczny
wyraźnie uznanie autorstwa copyright url adres zmian zmiany zmieniać zmienić zmienione skracać skracania skrótów
całość całości całym pełny pełnej fragment fragmenty tytuł tytułu tytuły zdjęcia zdjęć zdjęcie ilustracje ilustracji
grafiki sprzedawać sprzedaży tłumaczyć tłumaczenia creative commons cc by by-nd by-nc by-sa by-nc-nd by-nc-sa inaczej
zaznaczono godzin godziny dni dnia dzień tydzień tygodni miesiąc miesiące rok lat
"""
"""Words of a plain permission; `~`: and whatever short ending follows."""

POLISH = Language(
    code="pl",
    plain=_PLAIN,
    common="i w na z do się nie że są jest oraz lub po od za przez nasze naszych naszym o jak tylko pod dla",
    numbers="zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć",
    tens={"dwadzieścia": 20, "trzydzieści": 30, "sto": 100, "pięćdziesiąt": 50},
    units={
        "hours": "godzin[yęa]?",
        "days": "dni|dzień",
        "weeks": "tygodni[ea]?|tydzień",
        "months": "miesi[ąę]c\\w*",
        "years": "lat[a]?|rok",
    },
    sizes={
        "words": "słów|słowa",
        "sentences": "zda(?:ń|nia)",
        "characters": "znak(?:ów|i)",
        "lines": "wierszy|linijek",
        "paragraphs": "akapit\\w*",
        "percent": "procent|%",
    },
    patterns={
        "grant": r"\b(?:można|mogą|wolno|zezwalamy|pozwalamy|zachęcamy|zapraszamy|dozwolon\w+|bezpłatn\w+|dopuszcza\w*|swobodnie|za darmo)\b",
        "refuse": r"\bnie\b|\bzabron\w+|\bzakaz\w+|\bzabrania\b|\bzastrzeżon\w+|\bz wyłączeniem\b|\bz wyjątkiem\b|\boprócz\b",
        "ask": rf"\bbez\b.{{0,50}}{_PERMISSION}.{{0,80}}\b(?:zabron\w+|zakaz\w+|nie)\b|\b(?:zabron\w+|zakaz\w+|nie)\b.{{0,120}}\bbez\b.{{0,50}}{_PERMISSION}|\b(?:wymaga\w*|potrzebn\w+|konieczn\w+|uzyska\w+|po uzyskaniu|za)\b.{{0,50}}{_PERMISSION}|\bprosimy o kontakt\b|\b(?:opłat\w+|płatn\w+)\b(?<!bezpłatn)",
        "free": r"\bbez (?:pytania|konieczności|uzyskiwania)\b(?!.*(?:zabron|zakaz))",
        "but": r", (?:ale|jednak|pod warunkiem|o ile)\b|;| – | — ",
        "strong": r"\b(?:przedruk|kopiow|powiel|rozpowszechn|publikow|republik)\w*",
        "whole": r"\bprzedruk\w*|\bkopiow\w+|\bpowiel\w+|\brozpowszechn\w+|\bpublikow\w+|\brepublik\w+|\bwykorzyst\w+|\budostępni\w+|\bużyw\w+",
        "quote": r"\bfragment\w*|\bcyta\w+|\bcytow\w+|\bnagłówk\w+|\bstreszczen\w+|\bzajawk\w+",
        "part": r"\bfragment\w*|\bw całości lub\b|\bczęści\b|\bcytow\w+",
        "translate": r"\btłumacz\w+|\bprzekład\w*",
        "print": r"\bdruk(?:iem|owan\w+|u)?\b|\bprasa\b|\bgazet\w+|\bpapierow\w+|\bczasopism\w+",
        "edit": r"\bzmian\w*|\bzmieni\w+|\bskrac\w+|\bskrót\w*|\bmodyfik\w+|\bedytow\w+",
        "sell": r"\bsprzeda\w+",
        "image": r"\bzdję\w+|\bfotografi\w+|\bilustracj\w+|\bgrafik\w*|\bwideo\b",
        "text": r"\bartykuł\w*|\btekst\w*|\btreś\w+|\bmateriał\w*|\bwiadomoś\w+|\bpublikacj\w+",
        "other_object": r"\blogo\w*|\bdan\w+ osobow\w+|\bcookies?\b|\bkod źródłowy\b|\bznak\w* towarow\w*",
        "feed": r"\brss\b|\bkanał\w*",
        "ai_train": r"\bsztuczn\w+ inteligencj\w+|\bai\b|\bszkoleni\w+ modeli|\btrenow\w+|\buczeni\w+ maszynow\w+|\beksploracj\w+",
        "auto": r"\bautomatyczn\w+|\brobot\w*|\bscrap\w+|\bmasow\w+|\beksploracj\w+",
        "community": r"\bstowarzysze\w+|\bblog\w*|\bosiedl\w+|\bstron\w+ prywatn\w+|\bstron\w+ osobist\w+|\bparafi\w+|\bspołecznoś\w+",
        "nonprofit": r"\bpozarządow\w+|\bszk[oó]ł\w*|\bngo\b|\bnon-profit\b|\bfundacj\w+|\bbibliotek\w*|\buczelni\w*",
        "noncommercial": r"\bniekomercyjn\w+|\bbez reklam\b",
        "commercial": r"\bkomercyjn\w+|\bfirm\w*|\bwydawc\w+|\bgazet\w+|\bportal\w*|\breklam\w*",
        "anyone": r"\bkażd\w+|\bwszyst\w+(?! prawa)|\bmedia\b|\binne redakcje\b",
        "others": r"\bpozostał\w+|\bwszelkie inne\b|\binn\w+ wykorzyst\w+",
        "personal": r"\bużytk\w+ (?:osobist|prywatn|własn)\w+",
        "reserved": r"\bwszelkie prawa\b.{0,20}\bzastrzeżone\b",
        "credit_source": r"\bźródł\w+|\b(?:poda\w+|wskaz\w+|wymien\w+)\b.{0,60}(?:§name|\bnaszej nazwy\b|\bredakcj\w+)",
        "credit_author": r"\b(?:poda\w+|wskaz\w+|wymien\w+|nazwisk\w+)\b.{0,50}\bautor\w*",
        "author_not": r"\bpraw\w* autorsk\w+",
        "link": r"\blink\w*|\bodnośnik\w*|\bodsyłacz\w*",
        "link_home": r"\b(?:link|odnośnik)\w*\b.{0,40}\bstron\w+ główn\w+",
        "link_article_strict": r"\boryginał\w*|\bartykuł\w*",
        "no_edits": r"\bbez (?:zmian|skrótów|modyfikacji)\b|\bw całości\b|\bniezmienion\w+",
        "image_excluded": r"\bnie\b|\bz wyłączeniem\b|\bz wyjątkiem\b|\bzastrzeżon\w+|\bzabron\w+",
        "agency": r"\bagencj\w+|\bpap\b",
        "notify": r"\b(?:powiadom\w+|poinform\w+|daj\w* znać|prze[sś]ł\w+)\b",
        "notify_context": r"\bnas\b|\blink\b|\bpublikacj\w+|\bredakcj\w+",
        "no_sell": r"\bnie\b.{0,40}\bsprzeda\w+|\bzakaz sprzeda\w+",
        "third": r"\b(?:agencj\w+|pap|reuters|afp|osób trzecich)\b.{0,100}\b(?:nie|z wyłączeniem|z wyjątkiem|zabron\w+)|\b(?:nie|z wyłączeniem|z wyjątkiem|oprócz)\b.{0,80}\b(?:agencj\w+|pap|osób trzecich)\b",
        "takedown": r"\bna (?:nasze )?(?:żądanie|prośbę|wezwanie)\b.{0,60}\b(?:usun\w+|zdj\w+)|\b(?:usun\w+|zdj\w+)\b.{0,60}\bna (?:nasze )?(?:żądanie|prośbę|wezwanie)\b",
        "remove": r"\busun\w+|\bzdj[ąę]\w+",
        "embargo": r"\bpo\b|\bembargo\b|\bnie wcześniej\b|\bupływ\w+",
        "embargo_strict": r"\bembargo\b|\bnie wcześniej\b|\bupływ\w+",
        "window": r"\bw ciągu\b|\bprzez\b",
        "after_publication": r"\bpublikacj\w+|\bukazani\w+",
        "contact_context": r"\bzgod\w+|\bpraw\w*|\bprzedruk\w*|\bkontakt\w*|\blicencj\w+|\bredakcj\w+",
        "contact_ignored": r"\bdan\w+ osobow\w+|\bprenumerat\w+|\breklam\w+",
        "contributor": r"\bnadsył\w+|\bnadesłan\w+|\btwój tekst\b|\bautor udziela\b|\bzgłosze\w+",
        "privacy": r"\bdan\w+ osobow\w+|\bprywatnoś\w+|\bcookies?\b|\brodo\b",
        "inbound": r"\bforum\b|\bmoderator\w*|\bkomentarz\w*|\bużytkowni\w+",
        "news": r"\bpowiedział\w*|\bpoinformował\w*|\bogłosił\w*|\brzeczni\w+|\bwedług\b",
        "offer": r"\bnasz\w* (?:artykuł|tekst|treś|materiał)\w*|\bprzedruk\w*",
    },
)
