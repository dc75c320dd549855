"""Spanish."""

from aggregator.rights.notice.language import Language

_PERMISSION = r"(?:autorizaci[oó]n(?:es)?|permisos?|consentimiento|licencias?|acuerdo|contrato|convenio|visto bueno)"

_PLAIN = """
el la los las lo un una unos unas de del al a y e o u pero también así que como si se cuando quien quienes cuyo cuya
donde en con sin por para sobre bajo desde entre según no ni ningún ninguna ninguno nada todo toda todos todas cada
cualquier cualquiera otro otra otros otras usted ustedes su sus tu tus te le les nos nosotros nuestro nuestra nuestros
nuestras ellos ellas él ella ello mismo misma mismos mismas este esta estos estas ese esa esos esas eso esto aquí más
muy solo sólo solamente únicamente salvo excepto excepción menos es son ser está están estar sea sean ha han haber hay
tiene tienen tener puede pueden puedes poder podrá podrán podés debe deben debes deberá deberán basta quiere quieren
quiera quieras desea desean desee deseen favor gracias sí claro gusto libremente libre libres siempre simplemente
bienvenido bienvenidos bienvenida invitamos invitados animamos encantados permite permiten permitido permitida
permitidos permitidas permitimos permiso autoriza autorizan autorizado autorizada autorizados autorizadas autorizamos
autorización derecho derechos concede concedemos concedido ofrecemos ofrece ofrecen dan da damos dar dando licencia
licencias republicar republicarse republicarlos republicarlas republica republican republicado republicada
republicados republicadas republicación republicaciones republique republiquen republicando reproduc~ reproduzc~
reproduj~ publicar publicarse publicarlo publicarlos publicarlas publica publican publicado publicada publicados
publicadas publicación publicaciones publique publiquen publicando publicamos repost~ copi~ reutiliz~ reutilic~
utiliz~ utilic~ usar usado usados usada usadas use usen usos uso difundir difunda difundan difusión distribu~
redistribu~ compart~ retom~ tomar tome tomen imprim~ impreso impresos impresa reimprim~ colgar poner pongan ponga pon
mostrar emplear replicar artículo artículos texto textos contenido contenidos nota notas noticia noticias reportaje
reportajes historia historias pieza piezas información informaciones trabajo trabajos investigación investigaciones
material materiales crónica crónicas periodismo obra obras sitio sitios web webs página páginas internet línea digital
digitales blog blogs bloguero blogueros medio medios periódico periódicos diario diarios revista revistas redacción
redacciones portal portales boletín boletines plataforma plataformas papel prensa persona personas organización
organizaciones entidad entidades colectivo colectivos comunitario comunitarios comunitaria comunitarias vecinal
vecinales ong lucro ánimo fines fin lucrativo lucrativos comercial comerciales no-comercial no-comerciales asociación
asociaciones gratis gratuito gratuita gratuitos gratuitas gratuitamente coste costo costos costes cargo pago pagar
cobro condición condiciones siguiente siguientes requisito requisitos regla reglas pedir pedirnos preguntar cite citen
citar cita citando citado citada citándonos citarnos mencion~ menciones reconoc~ acreditar editado editados editada
editadas edite editen edición ediciones crédito créditos indic~ indique indiquen indicando nombr~ nombre nombres
señal~ señale señalando incluy~ incluir incluya incluyendo figure figurar figuren aparezca aparecer conste mantener
mantenga mantengan conserve conservar respete respetar respetando hacer haga hagan haciendo fuente fuentes autor
autora autores autoras autoría periodista periodistas firma firmas origen procedencia atribución reconocimiento enlace
enlaces enlaz~ enlac~ vínculo vínculos vincul~ hipervínculo hipervínculos hiperenlace link links linkear apunte lleve
dirija original originales originalmente url dirección copyright visible visiblemente clara claramente directo activo
principio inicio final pie modific~ modifiqu~ cambi~ alter~ edit~ íntegro íntegra íntegros íntegras íntegramente
completo completa completos completas total parcial totalmente parcialmente totalidad parte partes entero entera tal
cual literal recort~ acort~ título títulos titular titulares extracto extractos fragmento fragmentos estilo integridad
imagen imágenes foto fotos fotografía fotografías ilustración ilustraciones gráfico gráficos vídeo vídeos video videos
vender venda vendan venta reventa traducir traduzcan traducción traducciones creative commons cc by by-nd by-nc by-sa
by-nc-nd by-nc-sa internacional contrario diga exprese mundo mundial forma manera modo propio propia propios propias
alguno alguna hora horas día días semana semanas mes meses año años después tras resumir resumen enlazar enlazando
adaptar cites indiques uses copies publiques republiques reproduzcas nombras mantengas incluyas puedas quieres firmado
firmados firmada firmadas
"""
"""Words of a plain permission; `~`: and whatever short ending follows."""

SPANISH = Language(
    code="es",
    plain=_PLAIN,
    common="el la los las de del y en que un una para con por no se su sus al lo nuestros nuestras es son como o más este esta",
    numbers="cero - dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince",
    tens={
        "veinte": 20,
        "veinticuatro": 24,
        "veinticinco": 25,
        "treinta": 30,
        "cuarenta": 40,
        "cuarenta y ocho": 48,
        "cincuenta": 50,
        "sesenta": 60,
        "setenta": 70,
        "setenta y dos": 72,
        "ochenta": 80,
        "noventa": 90,
        "cien": 100,
        "doscientos": 200,
        "doscientas": 200,
    },
    one=r"una?",
    units={
        "hours": "horas?|h",
        "days": "d[ií]as?(?: hábiles)?",
        "weeks": "semanas?",
        "months": "mes(?:es)?",
        "years": "años?",
    },
    sizes={
        "words": "palabras?",
        "sentences": "frases?|oraciones",
        "characters": "caracteres",
        "lines": "líneas?|renglones",
        "paragraphs": "párrafos?",
        "percent": "por ciento|%",
    },
    patterns={
        "grant": r"""
            \b(?:puede[ns]?|puedes|pueden|podrá[ns]?|podéis|podemos compartir)\b
            \b(?:permit\w+|autoriz(?:ada|ado|amos|ados|adas)|libre(?:s|mente)?|gratuit\w+|gratis|bienvenid\w+|queda autorizada|se autoriza|invitamos|cedemos|son para (?:ustedes|vosotros|ti))\b
            \bbajo (?:una |la )?licencia\b|\bcon licencia\b|\bsin coste\b|\badelante\b|\búsenlos\b|\b(?:copia|copien|comparte|compartan|usa|usen|publica|publiquen|difunde|difundan|republica)\b|\bno necesita\w* (?:autorización|permiso)|\bsin problema\b|\bcon mucho gusto\b
        """,
        "yes": r"^(?:sí|si,|claro|por supuesto|desde luego|adelante|con gusto|naturalmente)(?:\b|,)",
        "no": r"^(?:no|lo sentimos|lamentablemente|nunca|sólo con|solo con)\b",
        "refuse": r"\b(?:no|nunca|jamás|nada|nadie|ningun[oa]?|ningún|ni|tampoco)\b|\bproh[ií]b\w+|\bexcluid\w+|\bexcept\w+|\bsalvo\b|\bvetad\w+|\bse opone\b|\bnos oponemos\b|\bqueda fuera\b|\bquedan fuera\b",
        "ask": rf"""
            \b(?:no|prohib\w+|queda\w* prohib\w+|ningun\w*|toda|cualquier)\b.{{0,200}}\b(?:sin|salvo|excepto|a menos que|si no es con|previa|requiere\w*|necesita\w*|precisa\w*)\b.{{0,60}}{_PERMISSION}
            \b(?:requiere\w*|necesit\w+|precis\w+|exige\w*|solicit\w+|(?<!sin )ped\w+|pid\w+|obten\w+|hace falta|sujet\w+ a|previa|mediante|debe\w* contar con|es necesari\w+|será necesari\w+|con)\b(?: \S+){{0,5}} {_PERMISSION}(?! (?:cc|creative|abierta|libre|de creative))
            {_PERMISSION}.{{0,50}}\b(?:previ[ao]s?|por escrito|necesari[ao]|obligatori[ao]|expres[ao]|solicit\w+)\b
            \b(?:escr[ií]b\w+|consult\w+|contact\w+|pregunt\w+|habl\w+|llam\w+|avis\w+|dirig\w+)\b.{{0,70}}\b(?:antes|primero|previamente|con antelación)\b|\b(?:antes|primero|previamente)\b.{{0,50}}\b(?:escr[ií]b\w+|consult\w+|contact\w+|pregunt\w+|ped\w+)\b
            \b(?:debe[ns]?|deberá[ns]?|tienen? que|hay que|por favor,?)\b.{{0,30}}\b(?:solicitar|pedir|contactar|consultar|escribir|dirigirse|preguntar)\b|\bpag(?:a|ar|an|o|ue)\b|\btarifas?\b|\bcuota\b|\bbajo petición\b|\blo hablamos\b|\bcontáct(?:enos|anos)\b
        """,
        "free": rf"""
            \bno (?:se )?(?:necesit\w+|requier\w+|precis\w+|hace falta|es necesari[ao])\b.{{0,20}}(?:{_PERMISSION}|pedir|preguntar|avisar)
        """,
        "not_grant": r"\bpodemos\b|\bpodremos\b|\bpuede[n]? (?:cambiar|variar|contener|solicitarse|pedirse|modificarse|ser modificad)\b|\bpuede\w* solicitarse\b",
        "ask_firm": r"\bantes\b|\bprimero\b|autorización|permiso|\bprevi",
        "either": r"\bcon o sin (?:publicidad|ánimo de lucro|fines)\b|\bcomercial(?:es)? o no\b|\bincluso (?:con fines )?comercia\w+|\btambién (?:con fines )?comercia\w+",
        "but": r", (?:pero|sin embargo|siempre que|siempre y cuando|no obstante|aunque)\b|;| – | — ",
        "both": r"\b(?:total o parcial\w*|en todo o en parte|íntegr\w+ o (?:en|por))\b",
        "whether": r"\bpreguntan si (?:pueden|se puede)\b",
        "wish": r"\b(?:agradece\w*|no es obligatorio|opcional\w*|si (?:quiere|quieres|quieren|lo desea)\w*|nos encantaría|nos gustaría|voluntari\w+|sería (?:bonito|estupendo|un detalle))\b",
        "strong": r"\b(?:reprodu|republi|redistribu|difund|copi|reutiliz|reproducción)\w*",
        "whole": r"\breprodu\w+|\brepubli\w+|\bredistribu\w+|\bdistribu\w+|\bdifund\w+|\bdifusi[oó]n\b|\bcopi\w+|\breutiliz\w+|\butiliz\w+|\busar\w*|\búsen\w*|\busen\b|\buso\b|\bpublicar\w*|\bpublicación\b|\bcompartir\w*|\bcomparte\w*|\bmostrar\w*|\bcomunicar\w*|\bemitir\w*|\breemitir\w*|\bexplot\w+|\bcualquier uso\b|\btextos completos\b|\bpublique\w*|\bretransmit\w+",
        "quote": r"\b(?:extractos?|fragmentos?|citas?|citar (?:hasta|un|una|breve\w*|\d)|resumen|resúmenes|entradilla|titular(?:es)?|sumario)\b|\b(?:hasta|máximo de|como máximo) \d+ (?:palabras|líneas|caracteres|párrafos)|\bdel titular\b",
        "part": r"\bparcial\w*|\ben parte\b|\bfragment\w+|\bdel todo o en parte\b|\bcualquier (?:forma|medio)\b",
        "translate": r"\btradu[cz]\w+",
        "print": r"\b(?:impres[oa]s?|imprimir|en papel|papel|periódicos?|revistas?|libros?|boletines|cualquier medio|cualquier soporte|prensa escrita)\b",
        "edit": r"\b(?:modific\w+|edit(?:ar|arlos|arlo|ado|ados|e|es)|alter\w+|adapt\w+|cambi\w+|acort\w+|recort\w+|transform\w+|resumir\w*|íntegr\w+|reescrib\w+|reescritura)\b",
        "sell": r"\b(?:vend\w+|venta|revend\w*|reventa|cobrar\w*|muro de pago)\b",
        "image": r"\b(?:fotos?|fotografías?|imágenes|imagen|ilustraciones|gráficos|vídeos?|videos?|viñetas|dibujos|infografías)\b",
        "text": r"\b(?:artículos?|textos?|contenidos?|noticias?|reportajes?|crónicas|piezas?|historias?|publicaciones|programas|materiales|informaciones|canales|posts?|entradas|teletipos|notas)\b",
        "other_object": r"\b(?:logotipos?|logos?|marcas?|código fuente|software|datos personales|cookies?|escudo|comentarios)\b",
        "feed": r"\b(?:rss|feeds?|canales|canal|fuentes? web|sindicación)\b",
        "ai_train": r"\b(?:ia|inteligencia artificial|entren\w+|modelos? de lenguaje|aprendizaje automático|minería|llm|generativ\w+)\b",
        "auto": r"\b(?:automátic\w+|automatizad\w+|robots?|bots?|scraping|rastre\w+|masiv\w+|sistemátic\w+|minería|extraer|agregador\w*|volcado)\b",
        "community": r"\b(?:comunitari\w+|vecinal\w*|asociaciones|asociación|colectivos?|blogs?|páginas? personales|webs? personales|barrio\w*|particulares|clubes|voluntari\w+|aficionad\w+|parroquias?|ciudadan\w+)\b",
        "nonprofit": r"\b(?:sin (?:ánimo|fines) de lucro|sin fines lucrativos|ong|ongs|escuelas?|colegios?|educativ\w+|universidades|bibliotecas|fundaciones|docentes|entidades sociales)\b",
        "noncommercial": r"\b(?:no comercial(?:es)?|sin (?:fines|ánimo|propósito)s? comercial\w*|no (?:los |las |lo |la )?(?:us\w+|utilic\w+) con fines comerciales|sin publicidad|sin anuncios|no lucrativ\w+|nocomercial)\b",
        "commercial": r"\b(?:comercial(?:es|mente)?|empresas?|periódicos?|diarios|revistas|editoriales|emisoras? comerciales?|productoras?|portal(?:es)?|publicidad|lucr\w+|negocios?|agencias|medios privados|de pago)\b",
        "ads": r"\bcon (?:o sin )?publicidad\b",
        "anyone": r"\b(?:cualquier (?:medio|persona|web|sitio)|cualquiera|todos los medios|todo el mundo|todos|otros medios|quien quiera|medios)\b",
        "others": r"\b(?:cualquier otro|cualquier otra|los demás|las demás|todos los demás|otros usos|resto)\b",
        "personal": r"\b(?:uso (?:estrictamente )?(?:personal|privado|particular)|usos? personales)\b",
        "narrow": r"\b(?:estudiantes|estudiantiles|socios|suscriptor\w+|miembros|alianzas|aliados|acreditad\w+)\b",
        "public_domain": r"\bdominio público\b|\bno (?:está[n]? )?protegid\w+ por derechos\b",
        "reserved": r"\btodos los derechos reservados\b|\breservados todos los derechos\b",
        "credit_source": r"""
            \b(?:cit(?:e|es|en|ar|ando|a)|mencion\w+|indi[cq]\w+|nombr\w+|acredit\w+|atribu\w+|reconoc\w+|señal\w+|digan|decir|diga|di|pon\w*|ponga[ns]?|haga\w* constar|figure|especifi\w+)\b.{0,80}(?:\bfuente\b|§name|\bnuestro nombre\b|\bel de §name|\bdiario\b|\bmedio\b|\bprocedencia\b|\borigen\b|\bson de\b|\bes de\b|\bviene\w* de\b)
            \bcitando (?:la fuente|a )|\bmención (?:de|a) (?:la fuente|§name)|\bpublicado (?:originalmente|primero) en\b|§name.{0,40}\b(?:citad\w+|mencionad\w+|acreditad\w+)|\bcite al (?:diario|medio|periódico)
        """,
        "credit_author": r"\b(?:cit(?:e|es|en|ar|ando)|mencion\w+|indi[cq]\w+|nombr\w+|acredit\w+|atribu\w+|con|pon\w*|nombre|firma|respet\w+|mantener|mantenga\w*)\b.{0,60}\b(?:autor(?:a|es|as|ía|/a)?|periodistas?|quien(?:es)? (?:la |lo )?(?:firma|escrib)\w*|firma|redactor\w*|reporter\w*)\b",
        "author_not": r"\bderechos? de autor\b|\bsus autores\b",
        "link": r"\b(?:enlac\w+|enlaz\w+|vínculos?|hipervínculos?|links?)\b",
        "not_link": r"\benlaces (?:a (?:otros|terceros)|externos)\b",
        "link_home": r"\b(?:enlac\w+|enlaz\w+|link)\b.{0,50}\b(?:página de inicio|portada|nuestra (?:web|página)|nuestro sitio|www\.|§url)\b",
        "link_article_strict": r"\b(?:original|artículo|pieza|noticia|nota)\b",
        "canonical": r"\bcanónic\w+|\bcanonical\b|\bnoindex\b",
        "keep_links": r"\b(?:conserv\w+|manten\w+|mantenga\w*|respet\w+|dej\w+|sin quitar)\b.{0,30}\b(?:los |todos los )?enlaces\b",
        "tracker": r"\b(?:píxel|pixel|contador|rastreador|código de seguimiento)\b",
        "copyright_notice": r"\b(?:aviso|nota|línea|mención) de (?:copyright|derechos)\b|\b(?:reprodu\w+|incluy\w+|conserv\w+|manten\w+)\b.{0,30}\b(?:copyright|este aviso)",
        "licence_notice": r"\b(?:indi[cq]\w+|mencion\w+|cit\w+|enlac\w+|señal\w+)\b.{0,40}\b(?:la|esta|de la|nuestra) licencia\b",
        "notify": r"\b(?:avis\w+|inform\w+|notif\w+|comuni[cq]\w+|dínoslo|cuént\w+|envi\w+|escríbenos|hacernos saber|háganos saber)\b",
        "notify_context": r"\b(?:nos|correo|enlace|publicación|publi\w+|cuando|mensaje|copia|dirección)\b",
        "bio": r"\b(?:nota|texto|párrafo|frase|biografía|coletilla|pie)\b.{0,40}\b(?:final|al final|sobre (?:el autor|la autora|§name|nosotros)|del autor|biográfica|de cierre)\b",
        "top": r"\b(?:al (?:principio|inicio|comienzo)|en la cabecera|encabez\w+|en la parte superior|antes del (?:texto|primer)|arriba)\b",
        "no_edits": r"\b(?:sin (?:modific\w+|cambi\w+|alter\w+|edit\w+|cortes)|íntegr\w+|no (?:modifi\w+|alter\w+|se (?:modifi|alter|edit)\w+|edit\w+|cambi\w+ el texto)|tal cual|completos y sin)\b",
        "minor": r"\b(?:menor(?:es)?|estilo|ortograf\w+|fecha\w*|por espacio|extensión|erratas)\b",
        "may_edit": r"\b(?:pued\w+|permit\w+|acept\w+|salvo|excepto|se admite\w*)\b",
        "headline": r"\b(?:titular(?:es)?|títulos?)\b",
        "own_headline": r"\b(?:otro|nuevo|cambiar el|propio) (?:titular|título)",
        "may_edit_headline": r"\b(?:pued\w+|permit\w+|salvo|excepto|libre\w*)\b",
        "image_excluded": r"\b(?:no|nunca|jamás|excluid\w+|exclui\w+|salvo|excepto|prohib\w+|tampoco|sin|aparte)\b",
        "agency": r"\b(?:agencias?|terceros|algunas|efe|reuters|afp)\b",
        "image_credit": r"\b(?:cit\w+|crédit\w+|nombre|mencion\w+|firma|indi[cq]\w+)\b",
        "no_sell": r"\b(?:no|sin|prohib\w+|ni|tampoco)\b.{0,60}\b(?:vend\w+|venta|revend\w*|reventa|cobrar\w*|muro de pago)\b|\b(?:reventa|venta)\b.{0,30}\bprohib\w+",
        "ads_against": r"\b(?:no|ni|sin|prohib\w+)\b.{0,50}\b(?:publicidad|anuncios)\b.{0,40}\b(?:junto a|alrededor|dentro|contra|asociad\w+ al|sobre (?:el|la))\b",
        "third": r"""
            \b(?:agencias?|teletipos|terceros|efe|reuters|afp|colaborador\w+|firmas invitadas|socios|otros medios)\b.{0,120}\b(?:no|exclu\w+|salvo|excepto|ni|pertenec\w+|prohib\w+|tampoco)\b
            \b(?:no|exclu\w+|salvo|excepto)\b.{0,90}\b(?:agencias?|teletipos|terceros|efe|reuters|afp|otros medios)\b
            \bno son nuestr\w+|\bpertenecen a (?:sus|terceros|otros|las|los)|\bpropiedad de (?:sus|terceros|otros|los)|\bsus autores (?:conservan|tienen|mantienen)|\bderechos de terceros\b
        """,
        "takedown": r"\b(?:retir\w+|elimin\w+|borr\w+|suprim\w+|despubli\w+)\b.{0,80}\b(?:cuando (?:lo |se lo |os lo |te lo )?(?:solicit|pid|pedi)\w+|si (?:lo |se lo |os lo |te lo )?(?:solicit|ped|pid)\w+|a petición|previa solicitud|a requerimiento|en cuanto)\b|\b(?:cuando|si) (?:lo |se lo |os lo |te lo )?(?:solicit|pid|ped)\w+.{0,60}\b(?:retir\w+|elimin\w+|borr\w+|suprim\w+|despubli\w+)",
        "remove": r"\b(?:retir\w+|elimin\w+|borr\w+|despubli\w+|desaparec\w+|bajar\w*|no más de|más de)\b",
        "embargo": r"\b(?:después|tras|embargo|esper\w+|transcurrid\w+|pasad\w+|hasta que|antes de|a partir|hayan pasado|una vez)\b",
        "embargo_strict": r"\bembargo\b|\besper\w+|\btranscurrid\w+|\bhayan pasado\b|\bantes de\b",
        "window": r"\b(?:durante|dentro de|en los|a más tardar|hasta)\b",
        "after_publication": r"\b(?:publicación|publicad\w+|publique\w*|aparec\w+|aparición)\b",
        "about_time_ignored": r"\b(?:respond\w+|respuesta|contest\w+|conserv\w+ (?:los datos|durante)|desde|plazo de respuesta|suscripción)\b",
        "contact_context": r"\b(?:permisos?|autorización|derechos|licencias?|republi\w+|solicit\w+|escrib\w+|contact\w+|consult\w+|reproduc\w+|preguntas?|dudas?|antes)\b",
        "contact_ignored": r"\b(?:datos personales|suscripci\w+|publicidad:|donacion\w*|empleo|privacidad|protección de datos)\b",
        "contributor": r"\b(?:al enviar\w*|nos (?:cede|ceda|cedes|otorga|concede|autoriza)\w*|colaboraciones|colaborador\w+|tus? (?:textos?|artículos?|manuscritos?|relatos?)|su (?:texto|artículo|manuscrito|relato)|enví\w+ (?:tu|su)|envíos|convocatoria|originales)\b",
        "privacy": r"\b(?:datos personales|privacidad|cookies?|rgpd|sus datos|tus datos|protección de datos|consentimiento|dirección ip|anonimiz\w+|darse de baja)\b",
        "inbound": r"\b(?:miembros?|moderador\w*|foro|comentarios|normas de la comunidad|nuestros (?:redactores|autores|usuarios) (?:pueden|deben)|usuarios|expuls\w+|participantes|hilos?|mensajes)\b",
        "news": r"\b(?:dijo|anunció|explicó|afirmó|según|portavoz|declaró|señaló|el (?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)|ministr\w+|celebr\w+|críticos|decisión|ayuntamiento)\b",
        "offer": r"\b(?:nuestr[oa]s|mis) (?:artículos|textos|contenidos|noticias|reportajes|programas|crónicas|historias|piezas|publicaciones|canales|materiales)\b|\b(?:contenidos|artículos|textos|canales) de (?:este sitio|esta web|el|la|§name|\w+ vivo)\b|\bcontenidos de este\b|\bderechos sobre los contenidos\b|\blos textos firmados\b",
        "prevails": r"\bprevalece\w*\b|\bhace fe\b|\bdará fe\b",
        "not_allow": r"\bsin\b|\bse opone\b|\bnos oponemos\b|\bsalvo\b",
        "holder": r"\b(?:de|con|por|a) (?:la (?:editorial|empresa|agencia)|el editor)\b|\bdel (?:editor|diario|periódico)\b|\bal diario\b|\bla empresa\b",
        "show": r"\b(?:mostr\w+|muestr\w+|public\w+|incluir\w*|insert\w+)\b",
        "without": r"\bsin (?:\S+ ){0,2}(?:autorización|permiso|consentimiento|pedir\w*|preguntar|necesidad de)",
    },
)
