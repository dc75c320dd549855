"""French."""

from aggregator.rights.notice.language import Language

_PERMISSION = r"(?:autorisations?|accord|licences?|permission|consentement|contrat|convention|agrément)"

_PLAIN = """
le la les l un une des du de d et ou mais aussi ainsi que qu qui dont où comme si ce c cet cette ces cela ça à au aux
en dans sur sous par pour avec sans ne n pas aucun aucune ni rien tout toute tous toutes chaque chacun chacune
quiconque autre autres autrui vous votre vos tu ton ta tes il ils elle elles on nous notre nos leur leurs lui y se s
son sa ses même mêmes moi celui celle ceux soit sont est être sera seront été a ont avoir avez as es êtes suis peut
peuvent pouvez peux pourra pourront pourrez doit doivent devez devra devront faut suffit veuillez merci oui bien
volontiers librement toujours simplement également juste svp s'il plaît bienvenu bienvenue bienvenus bienvenues
heureux ravis content contents hormis sauf excepté excepter exception seulement uniquement seul seule seuls seules
plus autorisé autorisée autorisés autorisées autoriser autorisons autorise autorisation permis permise permet
permettons permettre permission accord droit droits libre libres accordé accordée accordons invitons invités invité
encourageons encouragé encourager offrons offre offert donne donnons donner donnant laissons licence licences republi~
reprendre repris reprise reprises reprend reprennent reprenez reprenant reproduire reproduit reproduite reproduits
reproduites reproduction reproductions reproduisez reproduisant reproductible publier publié publiée publiés publiées
publication publient publiez publiant rediffus~ diffus~ copier copie copiés copiées copiez utilis~ réutilis~ partag~
distribu~ redistribu~ imprim~ relayer relayé relayés mettre mis mise ligne poster posté afficher affiché affichés
insérer servir usage usages emploi employer employés article articles texte textes contenu contenus reportage
reportages enquête enquêtes papier papiers sujet récit récits information informations nouvelle nouvelles actualité
actualités production productions travail travaux journalisme écrit écrits rédactionnels matériel œuvre œuvres
histoires site sites web internet page pages blog blogs blogue blogues blogueur blogueurs média médias journal
journaux magazine magazines revue revues éditeur éditeurs rédaction rédactions rédactionnel portail portails lettre
lettres newsletter newsletters infolettre plateforme plateformes support supports presse personne personnes
organisation organisations organisme organismes association associations associatif associatifs associative lucratif
lucratifs lucrative lucratives but non-lucratif commercial commerciaux commerciale commerciales commercialement
non-commercial non-commerciale non-commerciales non communauté communautaire communautaires citoyens citoyen
collectifs collectif gratuit gratuite gratuits gratuites gratuitement titre gracieux gracieusement frais coût coûts
payer paiement rémunération contrepartie condition conditions réserve tant dès lors pourvu suivant suivants suivante
suivantes règles règle demander demande citer citant citez cité citée cités citées citation mention mentions mentionn~
créditer créditant crédité crédit crédits indiqu~ signal~ nommer nommant nommé préciser précisant précisez faire
faites faisant fait figure figurer figurent apparaître apparaisse apparaît rester reste restent source sources auteur
auteurs autrice autrices auteure auteures journaliste journalistes nom noms signature signatures signataire provenance
origine attribution paternité lien liens hyperlien hyperliens hypertexte renvoyer renvoi renvoyant renvoie pointant
pointer menant vers original originale originaux originales originel url adresse copyright droits-d'auteur cliquable
actif active visible visiblement clair claire clairement direct directe bas haut début fin tête modifi~ changer changé
changement changements altér~ intégral intégrale intégraux intégralement intégralité entier entière entiers entières
entièrement complet complète complets complètes inchangé inchangés tel tels telle telles quel quels quelle quelles
coup~ raccourcir raccourci partie partiel partielle partiellement totale total totalement extrait extraits titres
chapeau style image images photo photos photographie photographies illustration illustrations dessin dessins graphique
graphiques vidéo vidéos vendre vendu vendus revendre revente vente traduire traduit traduits traduite traduction
traductions creative commons cc by by-nd by-nc by-sa by-nc-nd by-nc-sa international partage contraire indication
spécifié précisé mondial partout ailleurs n'importe importe manière façon forme toutefois évidemment sûr heure heures
jour jours semaine semaines mois an ans après délai possible bref adapter adaptez adaptation adaptations commerce date
dernière résumer résumez résumé partagez ajouter ajoutez ajoutant ajout modification modifications
"""
"""Words of a plain permission; `~`: and whatever short ending follows."""

FRENCH = Language(
    code="fr",
    plain=_PLAIN,
    common="le la les de des du et est un une en à pour dans que qui nos vous nous sur avec ne pas au aux par sont ou leur",
    numbers="zéro - deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    tens={
        "vingt": 20,
        "trente": 30,
        "quarante": 40,
        "cinquante": 50,
        "soixante": 60,
        "quatre-vingt-dix": 90,
        "cent": 100,
        "vingt-quatre": 24,
        "quarante-huit": 48,
        "soixante-douze": 72,
        "deux cents": 200,
        "une quinzaine": 15,
    },
    one=r"une?",
    units={"hours": "heures?|h", "days": "jours?", "weeks": "semaines?", "months": "mois", "years": "ans?|années?"},
    sizes={
        "words": "mots?",
        "sentences": "phrases?",
        "characters": "caractères?|signes?",
        "lines": "lignes?",
        "paragraphs": "paragraphes?",
        "percent": "pour ?cents?|%",
    },
    patterns={
        "grant": r"""
            \b(?:peut|peuvent|pouvez|peux|pourront|pourra)\b
            \b(?:autorisée?s?|permise?s?|libres?|librement|gratuite?s?|gratuitement|bienvenue?s?|acceptons|autorisons|accordée?s?|invitée?s?|permettons)\b
            \b(?:sous|placée?s? sous|publiée?s? sous|diffusée?s? sous) (?:la )?licence\b|\bservez-vous\b|\bn'hésitez pas\b|\bavec plaisir\b|\bpas de problème\b|\bsans frais\b|\bà disposition\b|\bmis à (?:la )?disposition\b
        """,
        "yes": r"^(?:oui|bien sûr|volontiers|avec plaisir|évidemment|tout à fait|allez-y)\b",
        "no": r"^(?:non|désolée?s?|malheureusement|hélas|jamais|pas sans|seulement)\b",
        "refuse": r"""
            \bne (?:\S+ ){1,6}(?:pas|jamais|aucun\w*|ni)\b|\bn'(?:\S+ ){1,6}(?:pas|jamais|aucun\w*|ni)\b|\binterdit\w*|\bprohibée?s?\b|\binterdisons\b|\bexclu\w*|\bà l'exception\b|\brefus\w*|\bopposons\b|\bs'oppose\b|\baucun\w*\b.{0,60}\bne\b|\bpas (?:concernés?|compris|libres?|autorisé)|\bsauf\b|\bne peu\w+ être\b|\bhors\b
            \brien ne\b|\bpersonne ne\b
        """,
        "ask": rf"""
            \b(?:ne|n'|interdit\w*|aucun\w*|prohibé\w*|pas|toute)\b.{{0,180}}\b(?:sans|sauf|qu'avec|qu'après|hors|à moins d)\w*\b.{{0,70}}{_PERMISSION}
            \b(?:nécessit\w*|suppose\w*|requi\w+|(?<!sans )demand\w+|soumis\w*|subordonn\w+|exige\w*|faut|obtenir|solliciter|nécessaire|faire l'objet|fait l'objet|sous réserve|moyennant|besoin)\b.{{0,80}}{_PERMISSION}
            {_PERMISSION}.{{0,60}}\b(?:nécessaires?|obligatoires?|requise?s?|doit|préalable|indispensables?|écrit\w*|exprès)\b
            \b(?:merci de|veuillez|prière de|doivent|doit|devez|il faut|nous|pensez à)\b.{{0,40}}\b(?:demander|écrire|contacter|solliciter|adresser|consulter)\b
            \b(?:demand\w+|écri\w+|contact\w+|appel\w+|consult\w+)\b.{{0,60}}\b(?:d'abord|avant|préalable\w*|au préalable)\b
            \b(?:nous contacter|contactez-nous|écrivez-nous|nous écrire|nous consulter)\b|\bpay(?:er|ent|ant|ante|ants)\b|\btarifs?\b|\bsur devis\b|\bsur demande\b|\bredevance\b|\bdemandes? (?:de|d')\b|\bdroits de reproduction\b
        """,
        "free": rf"""
            \b(?:inutile|pas besoin|pas nécessaire) de (?:nous )?demander\b|\baucune {_PERMISSION} n'est (?:nécessaire|requise)\b|\b{_PERMISSION} n'est pas (?:nécessaire|requise)
        """,
        "not_grant": r"\bnous (?:pouvons|pourrons)\b|\bpeu(?:t|vent) (?:changer|évoluer|varier|contenir|être modifiée?s? (?:à|sans))\b|\bpuis-je\b",
        "ask_firm": r"\bavant\b|\bd'abord\b|\bautorisation\b|\baccord\b|\bpréalable",
        "either": r"\bcommercia\w+ ou non\b|\bmême (?:à des fins )?commercia\w+|\by compris (?:à des fins )?commercia\w+|\bavec ou sans publicité\b|\blucrati\w+ ou non\b",
        "but": r", (?:mais|toutefois|cependant|à condition|sous réserve|pourvu|en revanche)\b|;| – | — ",
        "both": r"\ben tout ou (?:en )?partie\b|\bintégralement ou (?:par|en)\b",
        "whether": r"\bsi (?:l'on|on|ils|elles|vous) (?:peut|peuvent|pouvez)\b.{0,80}:$|\bdemandent s'ils\b",
        "wish": r"\b(?:apprécions|apprécié\w*|pas (?:obligatoire|exigé)|facultati\w+|serait (?:sympa|gentil|apprécié)|si vous (?:voulez|souhaitez|le souhaitez)|aimerions|serions heureu\w+|ferait plaisir|volontiers)\b",
        "strong": r"\b(?:reprendre|reprise|repris|reprodui|republi|reproduction|rediffus|copier|recopier)\w*",
        "whole": r"""
            \brepren\w+|\brepris\w*|\breprod\w+|\brepubli\w+|\brediffus\w*|\bdiffus\w*|\bcopi\w+|\brecopi\w+|\bréutilis\w*|\butilis\w*|\bpubli(?:er|ez|ent|ée?s?|cation)\b|\bpartag\w+|\bafficher?\b|\baffichage\b|\bdistribu\w*|\bmettre en ligne\b|\btoute (?:utilisation|exploitation|reprise)\b|\bexploit\w+|\bposter\b|\brelay\w+|\breproduction\w*|\bimprim\w+
        """,
        "quote": r"\b(?:extraits?|citations?|citer (?:jusqu|un|quelques|au plus|\d)|citer(?! (?:\w+ment |toujours |bien )?(?:(?:la|sa|notre|leur|votre|le|les|son|ses|nos|vos) |l['’])?(?:sources?|aut(?:eur|rice)|nom|provenance|origine|journal|média|site|rédaction)\w*)|résumés?|chapeaux?|chapô|accroches?|titres? et|son titre|du titre|le titre et|premières? (?:lignes?|phrases?)|brèves?)\b|\b(?:jusqu'à|au plus|maximum) \d+ (?:mots|lignes|caractères|phrases)",
        "part": r"\bmême partielle?\w*|\bpartiel\w*|\ben partie\b|\btout ou partie\b|\bextraits?\b|\btoute reproduction\b|\bsous quelque forme\b",
        "translate": r"\btradui\w+|\btraduction\w*",
        "print": r"\b(?:imprim\w+|papier|journaux|magazines?|revues?|presse écrite|bulletins?|livres?|brochures?|tout support|tous (?:les )?supports|print)\b",
        "edit": r"\b(?:modifi\w+|retouch\w+|adapt\w+|coup\w+|raccourci\w*|réécri\w+|alter\w+|transform\w+|remani\w+|abrég\w+|abréger|intégralité|intégralement)\b",
        "sell": r"\b(?:vend\w*|vente|revend\w*|revente|payant\w*|péage)\b",
        "image": r"\b(?:photos?|photographies?|images?|dessins?|illustrations?|infographies?|vidéos?|visuels?|cartes)\b",
        "text": r"\b(?:articles?|textes?|contenus?|publications|reportages?|enquêtes?|dépêches?|informations|chroniques|billets?|communiqués?|flux|émissions|pièces|titres?)\b",
        "other_object": r"\b(?:logos?|blason|armoiries|marques?|code source|logiciels?|données (?:personnelles|à caractère)|cookies?|charte)\b",
        "feed": r"\b(?:flux|rss|fils?)\b",
        "ai_train": r"\b(?:ia|intelligences? artificielles?|entraîn\w+|modèles? de langage|apprentissage (?:automatique|machine)|fouille|llm|génératives?)\b",
        "auto": r"\b(?:automati\w+|robots?|aspir\w+|moissonn\w+|systémati\w+|en masse|fouille|extraction|scraping|agrégateurs?|intégralité du flux)\b",
        "community": r"\b(?:associations?|associati\w+|sites? personnels?|blogs?|particuliers?|collectifs?|quartiers?|bénévol\w+|amateurs?|clubs?|comités?|citoyens?|villageois\w*|local(?:es|s)?|locaux)\b",
        "nonprofit": r"\b(?:sans but lucratif|but non lucratif|à but non lucratif|ong|écoles?|enseignants?|établissements? scolaires?|universités?|bibliothèques?|organismes? publics?|fondations?|scolaires?|pédagogi\w+)\b",
        "noncommercial": r"\b(?:non[- ]commercia\w+|sans publicité|non lucrati\w+|sans but commercial|hors (?:de )?tout usage commercial|pas (?:à )?(?:des fins )?commercia\w+)\b",
        "commercial": r"\b(?:commercia\w+|entreprises?|journaux|revues|magazines?|éditeurs?|sociétés?|collectivités?|agences?|professionnels?|publicité|lucrati\w+|médias? (?:privés?|payants?)|régies?|portails?|payants?)\b",
        "ads": r"\bavec (?:de la )?publicité\b",
        "anyone": r"\b(?:chacun|quiconque|toute personne|tous les sites|tous supports|tout le monde|tous les médias|médias|rédactions|n'importe quel\w*)\b(?! droits)",
        "others": r"\b(?:toute autre|tout autre|tous les autres|toutes les autres|les autres|autres? (?:usages?|utilisations?|cas|sites?|médias))\b",
        "personal": r"\b(?:usage (?:strictement )?(?:privé|personnel)|cadre privé|cercle de famille|usage individuel)\b",
        "narrow": r"\b(?:étudiants?|lycéen\w*|abonnés?|adhérents?|partenaires?|membres|accrédité\w*)\b",
        "public_domain": r"\bdomaine public\b|\blibres? de droits?\b",
        "reserved": r"\btous droits (?:de reproduction )?réservés\b|\btous droits\b.{0,30}\bréservés\b",
        "credit_source": r"""
            \b(?:mention\w*|cit(?:er|ant|ez|é|ée|ation|e)|indiqu\w+|nomm\w+|crédit\w*|signal\w+|précis\w+|suivi d\w+)\b.{0,80}(?:\bsources?\b|§name|\bnotre nom\b|\bnom d(?:e|u) (?:notre|journal|site|média)|\bjournal\b|\bmédia\b|\bprovenance\b|\borigine\b)
            \bmention de la source\b|§name.{0,40}\b(?:cité|mentionné|nommé|crédité|indiqué)|\bcitant §name|\ben mentionnant §name|\bsource : ?§name|\binitialement publié|\bpublié (?:à l'origine|d'abord)|\b(?:nom|noms) de (?:l'auteur|la signature) et (?:du|de)\b|\bauteur et (?:le journal|§name|la source)
        """,
        "credit_author": r"\b(?:mention\w*|cit(?:er|ant|ez|é)|indiqu\w+|nomm\w+|crédit\w*|signal\w+|nom|avec|signature)\b.{0,60}\b(?:auteur\w*|autrices?|auteure?s?|journalistes?|signataires?|rédact(?:eur|rice)s?)\b",
        "author_not": r"\bdroits? d'auteur\b|\bleurs auteurs\b|\bdroit d’auteur\b|\bcode de la propriété\b",
        "link": r"\b(?:liens?|hyperliens?|lien hypertexte)\b",
        "not_link": r"\bliens (?:vers d'autres|externes|hypertextes vers)\b|\blien d'évitement\b",
        "link_home": r"\bliens?\b.{0,50}\b(?:page d'accueil|notre site|www\.|§url|le site)\b",
        "link_article_strict": r"\b(?:article|original|d'origine|la page|notre page)\b",
        "canonical": r"\bcanoni\w+|\bnoindex\b",
        "keep_links": r"\b(?:conserv\w+|gard\w+|mainten\w+|laiss\w+|respect\w+)\b.{0,30}\b(?:les|tous les) (?:hyper)?liens\b",
        "tracker": r"\b(?:pixel|traceur|compteur|mesure d'audience)\b",
        "copyright_notice": r"\bmention (?:de |du )?copyright\b|\b(?:reprodui\w+|conserv\w+|laiss\w+)\b.{0,30}\b(?:mention légale|copyright|avis de droit)",
        "licence_notice": r"\b(?:mention\w*|indiqu\w+|préci\w+|lien)\b.{0,40}\b(?:la|notre|cette|de la) licence\b",
        "notify": r"\b(?:prévenir|prévenez|avertir|avertissez|informer|informez|signaler|signalez|tenir au courant|envoy\w+|justificatif)\b",
        "notify_context": r"\b(?:nous|lien|parution|publication|adresse|mail|message|exemplaire|justificatif)\b",
        "bio": r"\b(?:note|phrase|encadré|mention|présentation|texte|biographie|bio)\b.{0,40}\b(?:de fin|finale?|à la fin|en fin d|sur l'auteur|de l'auteur|biographique)\b",
        "top": r"\b(?:en tête|en haut|au début|avant le (?:premier|texte)|en ouverture|chapeau de|dès le début)\b",
        "no_edits": r"\b(?:sans (?:aucune )?(?:modification|coupe|retouche)\w*|en intégralité|dans (?:leur|son) intégralité|intégralement|tel(?:le)?s? quel(?:le)?s?|ne pas (?:modifier|couper)|sans les? modifier|in extenso|non modifié\w*|ni (?:le )?modifi\w+)\b",
        "minor": r"\b(?:mineur\w*|style|typographi\w+|raccourci\w*|abrég\w+|couper|coupes|longueur|coquilles?)\b",
        "may_edit": r"\b(?:peu\w+|pouvez|possible|autorisée?s?|permise?s?|sauf|acceptée?s?|libre)\b",
        "headline": r"\b(?:titres?|titraille)\b",
        "own_headline": r"\b(?:autre|nouveau|changer (?:le|de)) titre",
        "may_edit_headline": r"\b(?:peut|pouvez|peuvent|libre|autorisé|sauf)\b",
        "image_excluded": r"\b(?:pas|interdit\w*|exclu\w*|sans|sauf|hors|ne peuvent|à l'exception)\b",
        "agency": r"\b(?:agences?|afp|reuters|tiers|certaines)\b",
        "image_credit": r"\b(?:crédit\w*|mention\w*|nom du photographe|citer|indiqu\w+)\b",
        "no_sell": r"\b(?:ne|pas|interdit\w*|ni|sans)\b.{0,50}\b(?:vend\w*|vente|revend\w*|revente|payant\w*)\b|\b(?:vente|revente)\b.{0,40}\binterdit\w*",
        "ads_against": r"\b(?:pas|interdit\w*|aucune|ni)\b.{0,40}\bpublicités?\b.{0,40}\b(?:autour|dans|associée?s?|contre|sur l'article)\b",
        "third": r"""
            \b(?:agences?|dépêches?|afp|reuters|tiers|partenaires?|invité\w*|tribunes?|pigistes?)\b.{0,120}\b(?:pas|exclu\w*|ne|n'|sauf|appartien\w+|interdit\w*)
            \b(?:pas|exclu\w*|sauf|à l'exception|hors|hormis|ne sont)\b.{0,90}\b(?:agences?|dépêches?|afp|reuters|tiers|partenaires?)\b
            \b(?:appartien\w+|propriété) (?:à|de|aux?|des?) (?:leurs?|d'autres|tiers|l'agence|leur|auteurs|photographes|journaux|ses|son)|\bdroits appartiennent\b|\bleurs auteurs nous\b|\bne sont pas (?:à nous|les nôtres)\b|\bdroits? de tiers\b|\bleurs (?:auteurs|photographes) (?:en )?(?:conservent|gardent|détiennent)\b
        """,
        "takedown": r"\b(?:sur|à) (?:simple |notre |première )*demande\b.{0,80}\b(?:retir\w+|supprim\w+|retrait|effac\w+|dépubli\w+)\b|\b(?:retir\w+|supprim\w+|effac\w+|dépubli\w+)\b.{0,70}\b(?:sur (?:simple |notre |première )*demande|à notre demande|si nous (?:le|vous le)? ?demand\w+|dès que nous)\b|\bsi (?:nous|l'auteur)\b.{0,40}\bdemand\w+\b.{0,60}\b(?:retir\w+|supprim\w+|effac\w+)",
        "remove": r"\b(?:retir\w+|supprim\w+|effac\w+|dépubli\w+|disparaît\w*|ôt\w+|plus de|ne doivent pas rester|rester en ligne|au-delà)\b",
        "embargo": r"\b(?:après|embargo|attend\w+|délai|passée?s?|écoulée?s?|plus tôt|avant|à partir|dès)\b",
        "embargo_strict": r"\bembargo\b|\battend\w+|\bdélai\b|\bplus tôt\b",
        "window": r"\b(?:dans les|pendant|durant|au plus tard|jusqu'à)\b",
        "after_publication": r"\b(?:parution|publication|mise en ligne|publié\w*)\b",
        "about_time_ignored": r"\b(?:répond\w*|réponse|conservé\w*|depuis|abonnement|délai de réponse)\b",
        "contact_context": r"\b(?:autorisation|accord|droits?|demand\w+|écri\w+|contact\w*|reprise|reproduction|licence|question\w*|réutilisation)\b",
        "contact_ignored": r"\b(?:données personnelles|abonnements?|publicité :|dons?|emploi|confidentialité|rgpd|accessibilité)\b",
        "contributor": r"\b(?:en nous envoyant|vous nous (?:cédez|accordez|autorisez|concédez)|contributeurs?|contributions?|vos? (?:textes?|articles?|manuscrits?|photos?)|proposer (?:un|une|vos)|soumettre|soumission|appel à)\b",
        "privacy": r"\b(?:données (?:personnelles|à caractère personnel)|confidentialité|cookies?|rgpd|vos données|vie privée|consentement|adresse ip|désabonn\w+)\b",
        "inbound": r"\b(?:membres?|modérat\w+|forum|commentaires?|charte|nos (?:rédacteurs|auteurs|journalistes|utilisateurs|bénévoles) (?:peuvent|doivent)|utilisateurs|bannis?|sanction\w*|postent|messages?)\b",
        "news": r"\b(?:a (?:déclaré|annoncé|indiqué|expliqué|précisé)|selon|porte-parole|(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)|ministre|salué|critiques?|décision|se félicite|affirme|explique)\b",
        "offer": r"\b(?:nos|mes|notre) (?:articles?|textes?|contenus?|publications|reportages?|enquêtes?|programmes|billets|flux|dépêches|informations|communiqués)\b|\b(?:article|articles|contenus|textes) d[ue] (?:bocage|§name|ce site|site)\b|\bl'ensemble (?:du site|de ce site|des contenus)\b|\btoute reproduction\b|\binformations produites\b|\bcontenus de ce\b",
        "prevails": r"\bfait foi\b|\bfont foi\b|\bprévaut\b|\bseul\w* valable\b",
        "not_allow": r"\bsans\b|\bréserv\w+|\bs'oppose\b|\bopposons\b|\bexclus?\w*",
        "holder": r"\b(?:de|par|à|auprès de|avec) (?:l'éditeur|la société|l'agence|l'entreprise)\b|\bde la société\b",
        "show": r"\b(?:affich\w+|montr\w+|repren\w+|présent\w+|intégr\w+)\b",
        "without": r"\bsans (?:nous )?(?:demander|autorisation|permission|accord|demande)(?: préalable)?\b",
    },
)
