"""English."""

from aggregator.rights.notice.language import Language

_PERMISSION = (
    r"(?:permissions?|consent|licen[cs]e|licensing|agreement|authori[sz]ation|approval|contract|arrangement|clearance)"
)

_PLAIN = """
a an the this that these those and or but nor so as if when where to of in on at by for with without from into onto
under about up out back again also too then than not no any all each every both either other others another else
anyone anybody everyone everybody someone you your you're yours yourself yourselves we we're we'd us our ours it it's
its they them their theirs who which what how why there here is are be been being isn't aren't has have having do does
don't doesn't can can't cannot could may must should shall will would won't wouldn't need needs needn't want wants
wish like please just only even still always never yes long provided providing condition conditions requirement
requirements rule rules guideline guidelines following follow simple simply except unless excluding excluded including include
includes included plus however because more most much very own per otherwise noted stated marked indicated specified
specifically explicitly expressly contrary same such well free freely welcome welcomed allow allows allowed permit
permits permitted permission permissions grant grants granted granting hereby give gives given giving make makes made
making available offer offers offered encourage encourages encouraged invite invited feel happy glad delighted pleased
proud love let lets go ahead steal help right rights use uses used using reuse reuses reused reusing re-use re-uses
re-used re-using republish republishes republished republishing republication re-publish re-published re-publishing
re-publication repost reposts reposted reposting re-post re-posted re-posting reprint reprints reprinted reprinting
reproduce reproduces reproduced reproducing reproduction cross-post cross-posts cross-posted cross-posting crosspost
copy copies copied copying share shared sharing distribute distributed distributing distribution redistribute
redistributed redistribution publish publishes published publishing publication publications run runs running carry
carries carried syndicate syndicated syndication pick picks take takes taking adopt print printed post posts posted
posting display displays displayed show shows showing appear appears appeared appearing put place placed read spread
reach transmit transmitted authorise authorised authorize authorized object objection hesitate article articles
article's story stories story's text texts content contents piece pieces work works journalism reporting report
reports material materials news item items coverage feature features essay essays information everything anything
words word writing site sites site's website websites web page pages webpage webpages blog blogs blogger bloggers
newsletter newsletters newspaper newspapers paper papers magazine magazines outlet outlets publisher publishers media
medium organisation organisations organization organizations newsroom newsrooms editor editors group groups community
communities nonprofit nonprofits non-profit non-profits not-for-profit charity charities non-commercial noncommercial
non-commercially commercial commercially internet online on-line offline platform platforms person people individual
party parties third-party third nobody parish village residents' residents journal charge charged cost costs fee fees
payment pay paying paid money gratis nothing credit credits credited crediting attribution attribute attributed
attributing author authors author's byline bylines by-line name names named naming mention mentions mentioned
acknowledge acknowledged acknowledgement acknowledging cite cited citing source sources reporter reporters reporter's
writer writers writer's journalist journalists say says came come link links linked linking hyperlink hyperlinks
hyperlinked original originals originally url address canonical copyright notice notices keep keeps keeping kept
retain retained remain remains intact unchanged unaltered unedited edit edits edited editing change changes changed
changing alter alters altered altering modify modified modifying modification modifications alteration alterations
title titles headline headlines house style length shorten shortened cut rewrite grammar spelling time top bottom end ends
beginning begin start head line lines tagline taglines bio biography logo logos pixel tracking tracker counter image
images photo photos photograph photographs picture pictures illustration illustrations graphic graphics video videos
caption captions sell sells sold selling resell resold resale separately ad ads advertising advertisement
advertisements against profit paywall behind clear clearly prominent prominently visible visibly active working direct
directly proper properly appropriate due full fully whole entire entirety complete completely part parts partially
excerpt excerpts quote quotes quoted summary verbatim email e-mail mail contact ask asks asking asked know tell write
send question questions notify inform hear reply creative commons cc by-nd by-nc by-sa by-nc-nd by-nc-sa
attribution-noderivatives attribution-noderivs attribution-noncommercial attribution-sharealike
attribution-noncommercial-noderivatives attribution-noncommercial-noderivs attribution-noncommercial-sharealike
noderivatives noderivs sharealike international unported license licenses licensed licence licences terms deed version
public domain thank thanks thrilled great sure course absolutely easy form format manner purpose purposes world
worldwide widely wide translate translated translating translation translations translator earliest hour hours day
days week weeks embargo after hold produced produce v1 v2 v3 v4 anywhere wherever whoever matter whether way ways far
wishes least together add added adding cover covered
"""
"""Words of a plain permission; `~`: and whatever short ending follows."""

ENGLISH = Language(
    code="en",
    plain=_PLAIN,
    common="the of and to in is you our we for on with that or may not are by from this as at be",
    numbers="zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty",
    tens={
        "thirty": 30,
        "forty": 40,
        "fifty": 50,
        "sixty": 60,
        "seventy": 70,
        "eighty": 80,
        "ninety": 90,
        "a hundred": 100,
        "one hundred": 100,
        "hundred": 100,
        "a dozen": 12,
        "a fortnight": 14,
        "twenty-four": 24,
        "forty-eight": 48,
        "seventy-two": 72,
        "thirty-six": 36,
        "twenty-one": 21,
        "ninety-six": 96,
        "seventy-five": 75,
        "twenty-five": 25,
    },
    units={"hours": "hours?|hrs?|h", "days": "days?", "weeks": "weeks?", "months": "months?", "years": "years?"},
    one=r"an?",
    sizes={
        "words": "words?",
        "sentences": "sentences?",
        "characters": "characters?|chars?|letters",
        "lines": "lines?",
        "paragraphs": "paragraphs?|paras?",
        "percent": "per ?cent|%",
    },
    patterns={
        "grant": r"""
            \b(?:may|can)\b(?! not)
            \b(?:are|is|feel|be) (?:entirely |always |completely )?(?:free|welcome|invited|at liberty)\b
            \bwelcomes?\b
            \ballowed\b|\bpermitted\b|\blicensed\b|\bauthori[sz]ed\b
            \bfeel free\b|\bhelp your ?sel(?:f|ves)\b|\bgo ahead\b|\bby all means\b|\bplease do\b
            \bgrants? (?:\S+ ){0,3}permission\b|\bgives? (?:\S+ ){0,2}permission\b|\bhas given (?:\S+ ){0,2}permission\b
            \bpermission is (?:hereby )?(?:given|granted)\b|\bwe (?:hereby )?(?:allow|permit|encourage|invite|grant|let|give)\b
            \b(?:is|are) (?:fine|ok|okay|all right|alright|permissible|no problem)\b
            , (?:then )?(?:please )?(?:run|take|use|copy|reprint|republish|publish) (?:it|them|the|any|our)\b
            \b(?:is|are) yours\b|\bfor (?:you|everyone|anyone|anybody|all) to\b
            ^(?:simply |just )?(?:run|take|use|copy|reprint|republish|repost|publish|borrow|reproduce|steal) (?:it|them|any|the|our|what|as|from|these|this|his|her)\b
            \bfree (?:for|to)\b|\bfree of charge\b|\bat no (?:cost|charge)\b|\bfor free\b|\bwithout charge\b|\bno charge\b
            \bis (?:given|granted|available|released|published|made available|offered|written) (?:to|for|under)\b
            \b(?:have|has) our (?:blessing|permission|leave)\b|\bhappy (?:for|to see|if|when|to have)\b|\bdon'?t mind\b|\bno objection\b
        """,
        "yes": r"^(?:yes|sure|of course|certainly|absolutely|gladly|please do|by all means|short answer: yes|go ahead|happily|with pleasure)\b",
        "no": r"^(?:no|sorry|nope|unfortunately|i'm afraid|short answer: no|please don'?t|not|never|afraid not|only (?:with|after|if))\b",
        "refuse": r"""
            \b(?:may|can|must|shall|should|do|does|is|are|will|would|could)(?: not\b|n'?t\b| in no case\b| under no circumstances\b| never\b)
            \bcannot\b|\bnever\b|\bnothing\b|\bnone\b|\bnobody\b|\bprohibited\b|\bforbidden\b|\bnot (?:allowed|permitted|authori[sz]ed|licensed|available|extend|part|included|covered|ours|for re|under that|allow)
            \bno thanks\b|\bplease do(?: not|n'?t)\b|\bexcluded?\b|\bexcluding\b|\bnobody may\b|\bno one may\b|\bnothing .{0,60}\ballows?\b|\bdo(?:n't| not) (?:offer|want|allow|permit|license)\b
            \bno (?:part|article|content|material|item|text|story|stories|portion|reproduction|republication|redistribution|copying|reuse|re-use|use)\b
            \bnot? (?:reproduction|republication|syndication)\b|\boff limits\b|\bout of bounds\b|\bbarred\b|\bbanned\b
            \bwe (?:refuse|decline|object|oppose)\b|\bnot? be (?:copied|republished|reproduced|used)\b|\bnone of (?:it|this|our|these|them) may\b
        """,
        "ask": rf"""
            \b(?:not?|n't|never|nobody|none|nothing|no one|prohibited|forbidden|cannot|refrain)\b.{{0,220}}\b(?:without|unless|except|other than|only|absent|until)\b.{{0,120}}\b(?:{_PERMISSION}|permitted in writing|agreed|authori[sz]ed in writing|asking|paying|licensed)
            \b(?:except|only|unless|other than) (?:with|by|under|upon|after|on|having|in accordance with|you (?:have|hold|get)|as)\b.{{0,80}}{_PERMISSION}
            \b(?:requires?|required?|needs?|needed|obtain|seek|sought|request|subject to|must have|get|buy|purchase|acquire|hold)\b(?: \S+){{0,9}} {_PERMISSION}
            {_PERMISSION} (?:\S+ ){{0,6}}(?:is|are|must be|should be|needs to be|may be|can be|has to be|will be) (?:\S+ ){{0,2}}(?:required|requested|needed|necessary|sought|obtained|sold|available|bought|arranged|had|purchased)
            \b(?:ask|contact|write|writes|mail|e-?mail|get in touch|talk|speak|agree|approach|call|phone|consult|apply|drop|reach out|check|come to|get hold|inquire|enquire|negotiate)\b.{{0,90}}\b(?:first|before|beforehand|in advance|for (?:an? |any |our |written |prior |the )*(?:permission|quote|licen[cs]e|rights|terms|rates?|offer|price|agreement|consent))\b
            \b(?:first|before|beforehand)\b.{{0,60}}\b(?:ask|contact|write to|mail|e-?mail|get in touch|talk to|speak to|agree with)\b
            \b(?:should|must|please|needs? to|has to|have to|can|kindly|will|shall|to)(?: please)? (?:ask|contact|write to|write|mail|e-?mail|get in touch|apply|approach|inquire|enquire|talk to|speak to|consult|request)\b
            (?<!we )(?<!people )\bask (?:me|us|our)\b|\bwrite to (?:us|me|our|§mail)\b|\bcontact (?:us|me|our|the|§mail)\b|\bsame address\b
            \b(?:pays?|fee|fees|invoiced?|price list|for a charge|royalt(?:y|ies) of)\b
            \bby (?:written |prior |individual |separate )*(?:{_PERMISSION}|arrangement)\b(?! \S+ (?:4|3|2))
            \b(?:only|solely|exclusively) (?:\S+ ){{0,5}}(?:subscribers|licensees|contract|partners|members)\b
            \bunder (?:a |an |our )?(?:written |separate |paid |commercial |syndication |individual )+{_PERMISSION}\b
            \bthrough our (?:syndication|licensing|permissions)\b|\bsyndication (?:desk|service|agency|partner)\b
            \bwait for (?:an?|our|the) (?:answer|reply|ok|okay)\b|\bnot a licen[cs]e\b|\bcase by case\b|\bcase-by-case\b
            \brequests? (?:for|to|are|go|should|must|can)\b
            ^for (?:any |the |other )*(?:publication|republication|reproduction|reprints?|commercial use|use|uses)\b.{{0,200}}\b(?:contact|write to|mail|e-?mail|ask|call|apply to)\b
        """,
        "free": rf"""
            \b(?:need not|needn'?t|don'?t (?:have|need) to|do not (?:have|need) to|no need to|never need to) (?:\S+ )?(?:ask|tell|request|obtain|seek|write|contact|get)\b
            \bno (?:prior |further |special |additional |written )*{_PERMISSION} (?:is |are )?(?:needed|required|necessary)\b
            \b(?:not|n't) (?:require|need) (?:\S+ ){{0,3}}{_PERMISSION}
        """,
        "not_grant": r"\bwe (?:may|can|might|could|will)\b|\b(?:may|can) (?:change|contain|be subject|require|add|vary|differ|include|apply|withdraw|terminate|revoke|have|tell|ask|order|report|be (?:able|changed|withdrawn|revoked|nice))\b|\bcan i\b|\bmay i\b|\bthat does not make\b|\bnot (?:always |yet |been |specifically |expressly )*(?:been )?authori[sz]ed\b",
        "ask_firm": r"\bpermission\b|\bfirst\b|\bbefore\b|\bwait\b|\bconsent\b|\bagreement\b|\bpay\w*\b|\brights\b",
        "either": r"\bwhether or not (?:\S+ ){0,3}\w+|\bwith or without \w+|\bcommercial or (?:not|non-?\w+)|\bfor-profit or (?:not|non-?\w+)|\beven commercial\w*|\bincluding commercial\w*",
        "but": r",? \b(?:but|however|though|whereas|provided|as long as|on condition|so long as)\b|;|—| – | -- ",
        "whether": r"\bwhether (?:they|you|we|it)\b|\basks? (?:us )?(?:whether|if)\b",
        "wish": r"\b(?:appreciated?|not (?:a )?requir\w+|if you (?:like|wish|want)|would be (?:nice|great|lovely|kind)|we'?d love|we would love|optional(?:ly)?|grateful|not obliged|as a courtesy|encouraged to|nice to have|welcome but|not necessary|voluntar\w+)\b",
        "strong": r"\b(?:republish|reprint|reproduc|re-?publication|syndicat|cross-post|redistribut|carry|run)\w*",
        "whole": r"""
            \brepublish\w*|\brepublication\w*|\breprint\w*|\brepost\w*|\breproduc\w*|\bre-?us(?:e|ed|ing|es)\b|\busing\b|\bus(?:e|ed|es)\b|\busages?\b|\bcop(?:y|ied|ies|ying)\b|\bpublish\w*|\bcarry\b|\bcarried\b
            \bdistribut\w*|\bredistribut\w*|\bsyndicat\w*|\bmirror\w*|\bcross-?post\w*|\btake over\b|\btaken over\b|\brun (?:the|our|a|an|any|it|them|this|these)\b|\bput(?:ting)? .{2,60}\bon\b
            \bdisplay\w*|\bshow\w*|\bpost(?:ed|ing)?\b|\bbroadcast\w*|\bair\b|\bpass(?:ed|ing)? .{0,40}\bon\b|\bshar(?:e|ed|ing)\b|\bgive it away\b|\bcomplete articles\b|\bfull (?:text|articles?)\b|\bpick up\b|\bpicked up\b|\bappear\b|\btransmit\w*|\bsteal\b|\bborrow\b|\blift\b|\bimport\b|\bsuch uses?\b|\bany of these\b|\bany use\b
            \bentire articles?\b|\bwhole (?:article|story|stories|post|piece|text)s?\b|\bfeature\b|\binclude (?:our|the) (?:articles|stories|feed)\b|\bwant our (?:articles|stories|posts|texts)\b
        """,
        "quote": r"""
            \bquot(?:e|es|ed|ing|ation|ations)\b|\bexcerpts?\b|\bextracts?\b|\bsnippets?\b|\bteasers?\b|\babstracts?\b|\bsummar(?:y|ies)\b
            \b(?:headlines?|titles?) (?:and|plus|with|\+|together with)\b|\bfirst (?:\d+ )?(?:sentences|lines|paragraphs|words)\b|\bfirst (?:sentence|paragraph) of\b|\bup to \d+ (?:words|sentences|characters|lines|paragraphs)\b|\bheadlines?\b
            \b\d+ (?:words|sentences|characters|lines|paragraphs)\b|\bin part\b|\bshort passages?\b
        """,
        "part": r"\bin part\b|\bno part\b|\bparts?\b|\bportion\b|\bin whole or\b|\bany form\b|\bexcerpts?\b|\bextracts?\b|\bquot\w+",
        "translate": r"\btranslat\w+|\bother languages?\b|\banother language\b",
        "print": r"\bprint(?:ed|ing)?\b|\bnewspapers?\b|\bmagazines?\b|\bon paper\b|\bbulletins?\b|\bnewsletters? (?:and|or)\b|\bprint runs?\b|\bbooks?\b|\bany (?:medium|media|format)\b|\bpapers\b|\bjournals?\b|\bfor anything\b",
        "edit": r"\b(?:edit|edits|edited|editing|alter\w*|chang(?:e|es|ed|ing)|modif\w+|adapt\w*|rewrit\w+|rewrote|reword\w*|shorten\w*|cut|cuts|abridge\w*|revis\w+|unchanged|unmodified|unaltered|unabridged|unedited)\b",
        "sell": r"\bsell(?:s|ing)?\b|\bsold\b|\bresale\b|\bresell\w*|\bcharg(?:e|ed|ing)\b|\bbehind a paywall\b|\bpaywall",
        "image": r"\b(?:images?|photos?|photographs?|pictures?|photography|illustrations?|graphics?|cartoons?|videos?|drawings?|artwork|infographics?|maps)\b",
        "text": r"\b(?:articles?|stor(?:y|ies)|texts?|posts?|content|contents|material|reporting|pieces?|reports?|news|anything|feeds?|items?|pages?|essays?|columns?|information|journalism|work|releases?|websites?|headlines?)\b",
        "other_object": r"\b(?:podcasts?|data ?sets?|software|source code|scripts?|code|logos?|trade-?marks?|wordmark|seal|masthead|coat of arms|emblem|cookies?|personal data|personal information|your data|brand|theme|templates?|names? and logos?)\b",
        "feed": r"\bfeeds?\b|\brss\b|\batom\b",
        "ai": r"\b(?:ai|a\.i\.|artificial intelligence|machine[- ]learning|language models?|llms?|generative|chatbots?|neural networks?|data ?mining|text and data mining|tdm)\b",
        "ai_train": r"\b(?:train\w*|ai|artificial intelligence|machine[- ]learning|language models?|llms?|generative|chatbots?|neural networks?)\b",
        "auto": r"\b(?:automat\w+|scrap\w+|crawl\w*|robots?|bots?|bulk|wholesale|systematic\w*|machine doing|whole sections|entire feed|spiders?|harvest\w*|pull our feed|our feed on|import your feed|import our feed|en masse|aggregators?)\b",
        "community": r"\b(?:communit(?:y|ies)|hyper-?local|local (?:sites?|websites?|blogs?)|neighbou?rhood|village|parish|clubs?|societies|residents|associations?|parents?|hobby|personal (?:sites?|websites?|blogs?|homepages?)|bloggers?|blogs?|volunteers?|churches|congregations?|local groups?|co-?operatives?|tenants|home page|fan sites?)\b",
        "nonprofit": r"\b(?:non-?profits?|not-for-profit|not for profit|charit(?:y|ies|able)|ngos?|schools?|libraries|teachers|universit(?:y|ies)|educational|foundations?|campaign groups?|public-interest|public service)\b",
        "noncommercial": r"\b(?:non-?commercial\w*|no commercial|without advertising|no adverts|don'?t make money|do not make money|no money|makes? no (?:money|profit)|no (?:income|revenue|earnings))\b",
        "commercial": r"\b(?:commercial\w*|for-?profit|compan(?:y|ies)|business(?:es)?|corporat\w+|(?<!in your )(?<!in your own )(?:newspapers?|magazines?)|publishers?|portals?|profit|shops?|broadcasters?|make(?:s)? money|makes money|advertis(?:ing|ers|ements)|trade journals|consultanc(?:y|ies)|agenc(?:y|ies)|paid|carries ads|earns?|media (?:houses|companies|outlets|groups)|revenue|run as a business|paying)\b",
        "anyone": r"\b(?:anyone|anybody|everyone|everybody|any (?:outlet|publication|site|website|medium|media|news\w*|organi[sz]ation)|all (?:media|outlets|readers|sites)|media of all kinds|other (?:outlets|newsrooms|sites|publications|media)|news(?:rooms| organi[sz]ations| outlets| sites)|whoever|the public|with or without)\b",
        "others": r"\b(?:everybody else|everyone else|anyone else|anybody else|all others?|any other|other (?:uses?|parties|websites|sites|publications|organi[sz]ations|cases|forms?|purposes?)|others|for all other|in (?:all|any) other)\b",
        "personal": r"\b(?:personal(?:,? non-?commercial)? use|private use|for yourself|items yourself|own (?:personal|private) use|personal (?:news )?reader|individual use|personal and non-?commercial|devices that you own|personal,)\b",
        "narrow": r"\b(?:students?|student papers?|school (?:papers?|magazines?)|members of|our members|subscribers|partner (?:papers|newsrooms|organi[sz]ations)|accredited|our partners|class(?:es|rooms?))\b",
        "public_domain": r"\bpublic domain\b|\bnot (?:protected by|subject to) copyright\b|\bno copyright\b|\bnot copyrighted\b|\bfree of (?:known )?copyright\b",
        "us": r"\bunited states\b|\bu\.?s\.? government\b|\bfederal\b",
        "reserved": r"\ball rights (?:are )?reserved\b",
        "credit_source": r"""
            \b(?:credit|acknowledg|attribut|nam(?:e|ed|ing)|cit(?:e|ed|es|ing)|mention|identif|stat(?:e|ed|es|ing)|list)\w*\b(?! (?:is|are) not).{0,90}(?:\bsources?\b|\bus\b|\bour (?:name|site|paper|magazine|newsroom|title|organi[sz]ation)|\bpublisher|\bpublication\b|§name|\bfrom (?:us|our)|\bwhere\b)
            (?:\bsource\b|\bour name|§name|\bpublisher|\bname of (?:the|our) \w+).{0,60}\b(?:is|are|be|must be|being|gets?) (?:clearly |visibly |properly )?(?:named|credited|acknowledged|mentioned|cited|stated|visible|given|shown|identified)
            \b(?:says?|saying|make (?:it )?clear|state|note|notes|write|written|add|print|give|includ\w+|with|carry|carries|display|show|put|bears?|using)\b.{0,70}(?:\bfrom §name|\bcomes? from\b|\bcame from\b|\boriginally\b|\bfirst (?:published|appeared|ran)|\bpublished it first\b|\bwords? §name|\bit'?s from|\bline §name|\bour name\b|\bthe source\b|§name)
            \bfrom §name\b|\bas (?:the|a|its|your) source\b|\boriginally (?:published|appeared)\b|§name (?:written|shown|displayed|next to|beside|must appear)|\bwith (?:full |proper |clear |due |a )*(?:credit|attribution|acknowledg\w+)\b|\b(?:give|given|giving) (?:us )?(?:full |proper |clear |due )*credit\b|\battribution (?:is )?(?:required|to)\b|\bcredit(?:ed)?: ?§name|§name and (?:the|a) link|\bour name and\b|\bname us\b|\bcredit us\b
        """,
        "credit_author": r"""
            \b(?:credit|acknowledg|attribut|nam(?:e|ed|ing)|cit(?:e|ed|ing)|mention|identif|stat(?:e|ed|es|ing)|give|giving|keep|includ|with|say|print|retain|preserv|show|display|leave|list)\w*\b.{0,70}\b(?:the|our|its|and|an?|each|original|under the) ?(?:\w+ )?(?:authors?(?:'s?)?|writers?(?:'s?)?|reporters?(?:'s?)?|journalists?(?:'s?)?|by-?lines?|contributors?(?:'s?)?)\b
            \b(?:author|writer|reporter|journalist|by-?line)(?:s|'s|s')?\b.{0,60}\b(?:is|are|be|must be|being) (?:clearly |properly )?(?:named|credited|acknowledged|mentioned|kept|shown|included|retained|intact)
            \bwho wrote\b|\bwith my name\b|\bcredit me\b|\bname me\b|\bmention my name\b|\bmy name (?:and|is|must)\b|\bauthor'?s name\b|\b(?:reporter|writer|journalist)'?s? name\b|\bnames? of the (?:author|writer|reporter|journalist)
        """,
        "author_not": r"\bauthor has\b|\bsentence about the author\b(?!.*author's name)",
        "link": r"\b(?:hyper)?link(?:s|ed|ing)?\b(?! (?:to|with) (?:this|the|our) (?:licen[cs]e|terms))|\blead to our page\b|\burl\b",
        "link_home": r"\blink\w*\b.{0,60}\b(?:home ?page|our (?:web ?)?site|www\.|front page|main page|§site)",
        "link_article": r"\b(?:original|article|story|our page|the page|the piece|this page|each (?:headline|item|title)|post|§url|version)\b",
        "canonical": r"\bcanonical\b|\bnoindex\b",
        "keep_links": r"\b(?:keep|retain|leave|preserv\w+|maintain|include) (?:\S+ ){0,3}(?:hyper)?links\b|\b(?:keep|retain|leave|preserve) (?:all |every |each )+(?:hyper)?links?\b|\b(?:remove|strip) (?:\S+ ){0,3}links\b|\blinks (?:in place|intact)|\blinks (?:in|within|inside) (?:the|it|our|it).{0,40}(?:stay|remain|kept|intact)|\b(?:keep|leave|retain|preserve) (?:all |every |the |any |our )*(?:hyper)?links?\b|\band all links in it\b",
        "tracker": r"\b(?:pixel|tracking|tracker|counter|beacon|analytics (?:code|tag)|page-?view (?:counter|code)|javascript snippet)\b",
        "copyright_notice": r"\b(?:copyright|this|our|the) (?:line|notices?|statement|note)\b.{0,60}\b(?:included?|kept|keep|standing|reproduc\w+|intact|retain\w*|appear|remain|leave|stay)|\b(?:leave|keep|include|reproduce|retain|repeat|show|print|give|carry|with|preserve) (?:\S+ ){0,4}(?:copyright (?:line|notice|statement)|this notice)|\bcopyright (?:line|notice|statement)\b.{0,30}\bis (?:included|kept|shown)|\bcopyright (?:is|are|must be|be|gets?) (?:clearly |properly |duly )?acknowledged\b|\backnowledg\w* (?:\S+ ){0,5}copyright\b",
        "licence_notice": r"\b(?:link to|state|mention|name|include|note|cite|provide a link to|indicate|refer to) (?:\S+ ){0,4}(?:this |the |our |creative commons |cc )(?:licen[cs]e)\b|\bstate the licen[cs]e|\bunder the same licen[cs]e and say so",
        "notify": r"\b(?:let us know|tell us|notify|inform us|send us|drop us|mail us|mail me|e-?mail (?:us|me)|you write to|write to us|write us|let me know|send (?:me|a) (?:\S+ )?(?:note|mail|link|message|copy)|report (?:it|each|the) .{0,20}to us|give us (?:notice|a heads-up))\b",
        "notify_context": r"\b(?:when|once|after|afterwards|that you|if you (?:publish|republish|use|do|run)|link|address|each time|so (?:that )?we|so (?:that )?i|where|online|copy|published|url|before you publish|know)\b",
        "bio": r"\b(?:sentence|note|lines?|paragraph|text|tag ?line|footer|bio|biograph\w+|box|blurb|boilerplate)\b.{0,50}\b(?:about (?:the author|us|§name|our)|on the author|at (?:the|its) (?:end|bottom|foot)|that (?:we|follows|stands|closes|ends))|\bbio(?:graphical)? (?:line|note)s?\b|\b(?:tag ?line|end ?note|closing (?:note|line)|author(?:'s)? (?:bio\w*|note)|boilerplate|about (?:the author|§name) (?:note|line|box|text))\b",
        "top": r"\b(?:at|near|on) the (?:very )?(?:top|beginning|start|head)\b|\babove the (?:first|text|article|story|headline)\b|\bbefore the (?:first paragraph|text)\b|\bin the by-?line\b|\bbeginning of (?:the|each)\b|\bat the head\b|\btop of\b|\bas the first line\b",
        "no_edits": r"\b(?:complete and|unchanged|unmodified|unaltered|unabridged|unedited|in full(?! or)|in (?:its|their) entirety|exactly as|word for word|verbatim|as (?:it|they) (?:is|are|stands?)|intact|without (?:any )?(?:chang\w+|edit\w*|alter\w+|modif\w+)|as provided|as delivered|not? edits?|leave the (?:story|text|article) as)\b",
        "minor": r"\b(?:house style|style(?: ?book|s)?|time and (?:place|date)|references? to (?:time|place)|for length|typos?|spelling|minor|small (?:edits|changes|cuts)|location|\"tomorrow\"|local context)\b",
        "headline": r"\b(?:headline|title)s?\b",
        "may_edit": r"\b(?:may|can|ok|okay|fine|allowed|except|free|welcome|if needed|write your own|own headline)\b",
        "short": r"\b(?:short|brief|small|few|summary|summaries|headlines?|first)\b",
        "third": r"""
            \b(?:agenc(?:y|ies)|wire|ap|reuters|afp|associated press|syndicated|partner(?:s|'s)?|guest (?:writers?|authors?|essays?|columns?|posts?)|third[- ]part(?:y|ies)|contributed|other (?:publishers|news organi[sz]ations|outlets|sources|owners|owner|copyright holders|people)|outside (?:sources|contributors)|freelanc\w+)\b.{0,140}(?:\bnot\b|n't\b|\bcannot\b|\bexclud|\bexcept|\bno\b|\bnever\b|\bobtain|\bproperty\b|\bsought|\bown(?:s|ed)?\b|\bbelong|\bthem directly|\bseparate)
            \b(?:not|n't|except|exclud\w+|cannot|never|unless|other than|does not)\b.{0,90}\b(?:agenc(?:y|ies)|wire|ap|reuters|afp|syndicated|partner(?:s|'s)? (?:stories|content|articles|newsrooms)|from our partners|guest (?:writers|authors|essays|columns|posts)|third[- ]part(?:y|ies)|copyright of others|others|other (?:publishers|news organi[sz]ations|outlets|sources|owners))\b
            \b(?:copyright|property|rights?|ownership|owned) (?:\S+ ){0,2}(?:of|by|with|to) (?:others|third|their|its|the (?:people|photographers?|artists?|authors?|makers|creators|agenc|respective))
            \b(?:their (?:makers|authors|owners|creators|photographers|artists)|the photographers?|its makers?) (?:hold|own|keep|retain|have)\b
            \bbelongs? to (?:an? |the |their |others|other|someone|those|whoever|its)
            \bisn'?t ours\b|\b(?:not|n't) ours\b|\bnot (?:own|hold) the rights\b|\bused? under licen[cs]e\b|\bkeep their own copyright\b|\bmarked with (?:an?|another|the) .{0,30}name
        """,
        "takedown": r"\b(?:when|if|whenever|where|should|once|as soon as|on|upon|at) (?:we|our|an author|the author|§name|you are|a)?\b.{0,60}\b(?:ask\w*|request\w*|tell|demand\w*|require)\b.{0,90}\b(?:remov\w+|delet\w+|take (?:it|them|the \S+|an? \S+|any \S+|that \S+)?\s?(?:down|off|offline)|takedown|withdraw|unpublish|stop)\b|\b(?:remov\w+|delet\w+|tak(?:e|en) .{0,30}(?:down|off)|withdraw\w*|unpublish\w*)\b.{0,80}\b(?:(?:on|at|upon) (?:our |the )?(?:first |written )?(?:request|demand)|(?:if|when|whenever|should) (?:we|the author|an author|our).{0,20}(?:ask|request|tell|say|so))\b|\brequire you to stop\b|\b(?:remove|delete|take down) .{0,40}\bon request\b",
        "remove": r"\b(?:remov\w+|delet\w+|take\w* .{0,40}down|taken? .{0,30}(?:down|off|offline)|come down|comes? off|disappear|unpublish\w*|expire\w*|gone|no longer than|not (?:be )?kept (?:longer|more)|(?:no|not|nothing|never|none|keep) .{0,40}older than|older than .{0,40}(?:may|can|must|are|is)(?: not|n['’]t|not)|must go|may stay|can stay|stays? up|at most|off your (?:site|page))\b",
        "embargo": r"\b(?:embargo\w*|older than|hold|wait|delay|earlier than|sooner than|not before|after (?:it|they|we|the|first|its|our|publication|that|this)|have passed|has passed|pass(?:es)?|go by|gone by|until|following|head start|give us|have elapsed|later than .{0,20}after|old|from \d+ \w+ after|exclusive)\b",
        "window": r"\b(?:within|during|in the first|for the first|up to|no later than|not later than|offer (?:holds|is good|lasts|stands)|may only be .{0,30}for|newer than|younger than|only .{0,30}last)\b.{0,60}",
        "about_time_ignored": r"\b(?:reply|answer(?:ed)?|respond|logs?|kept for|since \d{4}|since then|ban|archive goes|opening|weekdays|polls?|poll(?:ing)?|membership|trial|retention|deadline|each year|one year)\b",
        "contact_context": r"\b(?:permission|licen[cs]\w*|rights?|reprint\w*|republi\w+|re-?use|copyright|syndicat\w+|ask\w*|questions?|request\w*|contact|unsure|unclear|write|mail|inquir\w+|enquir\w+|partners?|doubt)\b",
        "contact_ignored": r"\b(?:privacy|submissions?|advertis(?:e|ing)|subscri\w+|misprints?|corrections?|jobs?|data protection|accessibility|foia|donat\w+)\b",
        "contributor": r"\b(?:by submitting|when you (?:send|submit)|you (?:hereby )?grant (?:us|the|§name)|you grant\b|submissions?|we welcome (?:essays|articles|contributions|submissions)|contributor guidelines|write for|contributors?|your (?:essay|article|piece|submission|manuscript|work|story|text)|user[- ]generated|you retain|you keep the copyright|upload\w*|pitch(?:es)?|freelancers)\b",
        "privacy": r"\b(?:privacy|personal (?:data|information)|cookies?|your data|newsletter provider|gdpr|data protection|anonymi[sz]ed|ip address(?:es)?|unsubscribe|tracking)\b",
        "inbound": r"\b(?:members?|moderators?|forum|comment(?:s|ers)?(?: section)?|community guidelines|house rules|posters|ban(?:ned)?|our (?:editors|writers|authors|contributors|users) (?:may|must|should|can)|when (?:we|our \w+) (?:quote|cite|use)|when quoting|guidelines? for (?:our )?(?:editors|staff|users|members|students)|staff (?:must|may|should)|we only use|wiki editors|users (?:may|must)|participants?|channel|posts that|(?:editors|volunteers|contributors|authors|students|employees) (?:may|must|should|can|are allowed)|administrators?|never paste|rights holder complains|rights owner complains|for our (?:volunteers|editors|staff|members|students|employees))\b",
        "news": r"\b(?:said|announced|told|according to|spokes(?:person|man|woman)|reporters|on (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)|has switched|last (?:week|month|year)|campaigners|welcomed the|critics|the decision|minister said|in an interview|explained|we asked|staff writer|correspondent)\b",
        "ads": r"\b(?:with|has|have|carry|carries|few|next to|around|beside|alongside|pages?|page with) (?:\S+ ){0,3}(?:ads|advertis\w+|adverts)\b|\badvertising (?:next|on|around)\b|\badvertis\w+",
        "both": r"\bin whole or(?: in)? part\b|\bin full or in part\b|\bwhole or part\b|\bentire\w*\b.{0,30}\bor\b.{0,20}\b(?:excerpt|part)",
        "not_duty": r"\bis not a licen[cs]e\b|\bwe (?:will|do) (?:credit|link)\b|\blinks? from us\b|\bby all means link\b",
        "not_link": r"\blinks? (?:to sites|to external|to other|from us)\b|\bhyperlinking\b|\blinks?, as many\b|\blink to (?:us|our (?:pages|site))\.? you do not\b|\brather you linked\b|\ba link does\b|\bprovide a link to this licence|\blink to you\b|\blinks? (?:at the foot|in each mail)",
        "link_article_strict": r"\b(?:original (?:article|story|post)|to (?:the|our) (?:original|article|story|piece)|to the page)\b",
        "image_excluded": r"\b(?:not|n't|never|exclud\w+|except|separate\w*|without|no)\b",
        "agency": r"\b(?:agenc(?:y|ies)|wire|ap|reuters|afp|getty|third[- ]part(?:y|ies)|some|marked)\b",
        "image_credit": r"\bcredit\w*|\bnam(?:e|ed|ing)\b|\bbyline|\bphotographer|\bwith the note\b|\battribut\w+|\bcaption",
        "image_only": r"\b(?:crop\w*)\b",
        "own_headline": r"\b(?:own|other|another|different|new|rewrite|change) (?:the )?(?:headline|title)",
        "may_edit_headline": r"\b(?:may|can|ok|okay|fine|except|free|welcome|your own|allowed)\b",
        "no_sell": r"\b(?:not|n't|never|no|nobody|nor|neither)\b.{0,60}\b(?:sell(?:ing)?|sold|resale|resell\w*|(?<!of )(?<!without )(?<!no )charg(?:e|ed|ing)|paywall)\b|\bselling .{0,40}\bis not\b|\bneither is charging\b|\bcharg\w+ for the (?:story|article|text)\b.{0,30}\bnot\b",
        "ads_against": r"\b(?:not|n't|never|no|nor)\b.{0,60}\b(?:sell|selling|place|placing|sold|put|run)?\b.{0,20}\b(?:ads?|advertis\w+|adverts|campaign|sponsor\w*)\b.{0,40}\b(?:against|around (?:it|our|the|this|that|these)|within|specifically|inside|in the feed|into)\b|\bselling (?:a campaign|ads|advertising) (?:around|against) .{0,40}\bis not\b",
        "not_allow": r"\bnot (?:part|covered|include)\b|\bwithout\b",
        "embargo_strict": r"\bembargo\w*\b|\bhold\b|\bwait\b|\bnot before\b|\bearlier than\b|\bgo by\b|\bhave passed\b|\bgive us\b",
        "after_publication": r"\b(?:publication|publish\w*|appear\w*|went up|released?|first ran|posted)\b",
        "offer": r"\b(?:our|my|the site'?s|§name'?s?) (?:articles|stories|texts|content|reporting|posts|feeds?|work|material|pieces)\b|\brepublish (?:us|our|this)\b|\breprint\w*\b|\bcontent on this (?:web)?site\b|\bstories we\b|\bno part of this\b",
        "footer": r"\b(?:grants?|gives?) (?:\S+ ){0,3}permission to (?:cross-?post|re-?publish|reprint|reproduce|repost)\b",
        "prevails": r"\bprevails?\b|\bis (?:binding|authoritative)\b|\bcounts\b",
        "holder": r"\b(?:of|from|by|with|to|ask) (?:the|our|its) (?:publishers?|compan(?:y|ies)|editors?|agenc(?:y|ies)|business (?:desk|office))\b",
        "show": r"\b(?:display|show|shown|post|put|place|include|embed|use|run)\w*",
        "without": r"\bwithout (?:having to ask|asking|(?:\S+ ){0,4}(?:permission|consent|licen[cs]e|agreement|authori[sz]ation|approval))",
    },
)
