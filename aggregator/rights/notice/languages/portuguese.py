"""Portuguese."""

from aggregator.rights.notice.language import Language

_PERMISSION = r"(?:autoriza[çc](?:ão|ões)|permiss(?:ão|ões)|consentimento|licenças?|acordo|contrato|anuência)"

_PLAIN = """
o a os as um uma uns umas de do da dos das d em no na nos nas num numa por pelo pela pelos pelas para pra ao à aos às
com sem sob sobre e ou mas também assim que como se quando quem cujo onde não nem nenhum nenhuma nada tudo todo toda
todos todas cada qualquer quaisquer outro outra outros outras você vocês seu sua seus suas te lhe lhes nosso nossa
nossos nossas eles elas ele ela isso isto esse essa esses essas este esta estes estas deste desta destes destas desse
dessa mesmo mesma mesmos mesmas aqui mais muito só somente apenas unicamente salvo exceto exceção menos é são ser está
estão estar seja sejam será serão foi há tem têm ter pode podem podes poder podemos poderá poderão deve devem deverá
deverão basta quer quiser quiserem queira desejar deseje favor obrigado sim claro vontade livremente livre livres
sempre simplesmente bem-vindo bem-vindos bem vindo vindos convidamos convidados incentivamos felizes permite permitem
permitido permitida permitidos permitidas permitimos permissão autoriza autorizam autorizado autorizada autorizados
autorizadas autorizamos autorização direito direitos concede concedemos oferecemos oferece dar dá dê dêem deem dando
damos liberado liberada liberados licença licenças licenciado licenciados republi~ reprodu~ reproduz~ publicar
publicá-lo publicá-los publicá-las publica publicam publicado publicada publicados publicadas publicação publicações
publique publiquem publicando publicamos copi~ reutiliz~ utiliz~ usar usado usados usada usadas use usem uso usos
divulg~ difund~ distribu~ redistribu~ compartilh~ partilh~ imprim~ impresso impressos impressa reimprim~ postar
colocar mostrar replicar veicular artigo artigos texto textos conteúdo conteúdos notícia notícias reportagem
reportagens matéria matérias história histórias informação informações trabalho trabalhos investigação investigações
material materiais produção jornalismo obra obras peça peças site sites web sítio sítios página páginas internet
online linha digital digitais blog blogs blogue blogues bloguista blogueiros veículo veículos meio meios jornal
jornais revista revistas editora editoras redação redações portal portais boletim boletins newsletter newsletters
plataforma plataformas papel imprensa pessoa pessoas organização organizações entidade entidades mídia mídias
comunicação órgão órgãos coletivo coletivos comunitário comunitários comunitária comunitárias ong ongs lucro lucros
lucrativo lucrativos fins fim comercial comerciais não-comercial não-comerciais associação associações grátis gratuito
gratuita gratuitos gratuitas gratuitamente custo custos cobrança pagar pagamento condição condições desde contanto
seguinte seguintes regra regras pedir perguntar cite citem citar cita citando citado citada citação mencion~ menção
crédito créditos creditar editado editada editados editadas edite editem edição indic~ indique nome nomes nomear
mencionar identific~ inclu~ incluir manter mantenha mantenham mantendo conste conserve preservar fazer faça façam
respeitar respeitando respeitada fonte fontes autor autora autores autoras autoria jornalista jornalistas repórter
repórteres assinatura-do-autor origem procedência atribuição link links linkar linke hiperligação hiperligações
ligação hiperlink hiperlinks remeta aponte leve original originais originalmente url endereço copyright visível
visivelmente clara claramente direto ativo início final topo pé modific~ alter~ mud~ edit~ íntegra integral integrais
integralmente inteiro inteira inteiros completo completa completos completas total parcial parcialmente totalmente
parte partes tal qual cort~ encurt~ título títulos trecho trechos manchete estilo integridade imagem imagens foto
fotos fotografia fotografias ilustração ilustrações gráfico gráficos vídeo vídeos vender venda vendam vendido revenda
traduzir traduzam tradução traduções creative commons cc by by-nd by-nc by-sa by-nc-nd by-nc-sa internacional
contrário indicado mundo mundial forma maneira modo próprio própria próprios próprias hora horas dia dias semana
semanas mês meses ano anos após depois adaptar resumir fica ficam
"""
"""Words of a plain permission; `~`: and whatever short ending follows."""

PORTUGUESE = Language(
    code="pt",
    plain=_PLAIN,
    common="o a os as de do da dos das e em que um uma para com não por se no na ao à nossos nossas é são ou seu sua mais pelo",
    numbers="zero - dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze",
    tens={
        "duas": 2,
        "vinte": 20,
        "vinte e quatro": 24,
        "vinte e cinco": 25,
        "trinta": 30,
        "quarenta": 40,
        "quarenta e oito": 48,
        "cinquenta": 50,
        "sessenta": 60,
        "setenta": 70,
        "setenta e duas": 72,
        "oitenta": 80,
        "noventa": 90,
        "cem": 100,
        "duzentas": 200,
        "duzentos": 200,
    },
    one=r"uma?",
    units={
        "hours": "horas?|h",
        "days": "dias?(?: úteis)?",
        "weeks": "semanas?",
        "months": "m[eê]s(?:es)?",
        "years": "anos?",
    },
    sizes={
        "words": "palavras?",
        "sentences": "frases?",
        "characters": "caracteres|toques",
        "lines": "linhas?",
        "paragraphs": "parágrafos?",
        "percent": "por cento|%",
    },
    patterns={
        "grant": r"""
            \b(?:pode(?:m|mos republicar)?|podes|poderá|poderão)\b
            \b(?:permitid\w+|permitimos|autorizad\w+|autorizamos|livres?|livremente|gratuit\w+|grátis|bem-vind\w+|convidamos|liberad\w+|cedemos|fica autorizada)\b
            \bcom licença\b|\bsob (?:a |uma )?licença\b|\bfique à vontade\b|\bà vontade\b|\bsem custos?\b|\brepublique\b|\b(?:copie|compartilhe|use|usem|partilhe|divulgue)\b|\bsem problema\b|\bcom prazer\b
        """,
        "yes": r"^(?:sim|claro|com certeza|pode|podem|naturalmente|à vontade)\b",
        "no": r"^(?:não|infelizmente|nunca|só com|lamentamos|desculpe)\b",
        "refuse": r"\b(?:não|nada|ninguém|nunca|jamais|nenhum\w*|nem|tampouco)\b|\bproibid\w+|\bproíb\w+|\bvedad\w+|\bexcluíd\w+|\bexcet\w+|\bexceto\b|\bsalvo\b|\bressalvad\w+|\bopomo-nos\b",
        "ask": rf"""
            \b(?:não|proibid\w+|vedad\w+|nenhum\w*|toda|qualquer)\b.{{0,200}}\b(?:sem|salvo|exceto|a não ser|prévia|mediante|requer\w*|exige\w*|depende\w*)\b.{{0,60}}{_PERMISSION}
            \b(?:requer\w*|necessit\w+|precis\w+|exig\w+|depend\w+|solicit\w+|(?<!sem )ped\w+|peç\w+|obt\w+|mediante|prévia|sujeit\w+ a)\b(?: \S+){{0,6}} {_PERMISSION}
            {_PERMISSION}.{{0,50}}\b(?:prévi[ao]|por escrito|escrita|necessári[ao]|obrigatóri[ao]|expressa)\b
            \b(?:escrev\w+|fal\w+|contat\w+|contact\w+|pergunt\w+|consult\w+|envi\w+|peç\w+)\b.{{0,60}}\b(?:antes|primeiro|previamente|com antecedência)\b|\b(?:antes|primeiro|previamente)\b.{{0,40}}\b(?:escrev\w+|fal\w+|contat\w+|contact\w+|pergunt\w+|consult\w+|pe[dç]\w+)\b
            \b(?:deve[m]?|devem|deverá|precisam?|têm de|tem de|por favor,?)\b.{{0,30}}\b(?:solicitar|pedir|contatar|contactar|consultar|escrever|perguntar)\b|\bpag(?:a|am|ar|amento)\b|\btarifa\w*|\btaxa\b|\bsob consulta\b|\bsob pedido\b|\bentre em contato\b|\bcontacte-nos\b
        """,
        "free": rf"""
            \bnão (?:é (?:preciso|necessári[ao])|precis\w+|necessit\w+|requer)\b.{{0,20}}(?:{_PERMISSION}|pedir|perguntar|avisar)
        """,
        "not_grant": r"\bpodemos\b|\bpoderemos\b|\bpode[m]? (?:mudar|variar|conter|ser alterad\w+ (?:a|sem)|ser outro)\b|\bposso\b",
        "ask_firm": r"\bantes\b|\bprimeiro\b|autorização|permissão|\bprévi",
        "either": r"\bcom ou sem (?:publicidade|anúncios|fins)\b|\bcomercia(?:l|is) ou não\b|\binclusive (?:para fins )?comercia\w+|\bmesmo (?:para fins )?comercia\w+|\btambém comercia\w+",
        "but": r", (?:mas|porém|contudo|desde que|no entanto|contanto que|todavia)\b|;| – | — ",
        "both": r"\b(?:no todo ou em parte|total ou parcial\w*|na íntegra ou (?:em|por))\b",
        "whether": r"\bperguntam se (?:podem|se pode)\b",
        "wish": r"\b(?:agradec\w+|não é obrigatóri\w+|opcional\w*|facultativ\w+|se (?:quiser|quiserem|desejar)\w*|gostaríamos|adoraríamos|seria (?:bom|ótimo|simpático))\b",
        "strong": r"\b(?:reprodu|republi|redistribu|copi|reutiliz)\w*",
        "whole": r"\breprodu\w+|\brepubli\w+|\bredistribu\w+|\bdistribu\w+|\bcopi\w+|\breutiliz\w+|\butiliz\w+|\busar\b|\buso\b|\busem\b|\bpublicar\b|\bpublicação\b|\bpublique\b|\bcompartilh\w+|\bpartilh\w+|\bexibir\b|\bmostrar\b|\btransmi\w+|\bveicul\w+|\bdivulg\w+|\bqualquer uso\b|\bretransmi\w+",
        "quote": r"\b(?:trechos?|excertos?|citaç\w+|citar (?:até|um|breves?|\d)|resumos?|título e|títulos e|do título|manchetes?|chamada|sinopse|lead)\b|\b(?:até|no máximo|máximo de) \d+ (?:palavras|linhas|caracteres|parágrafos)",
        "part": r"\bparcial\w*|\bem parte\b|\btrechos?\b|\bqualquer (?:forma|meio)\b|\bno todo ou\b",
        "translate": r"\btradu[zç]\w+|\btradução\b",
        "print": r"\b(?:impress[oa]s?|imprimir|papel|jornais|jornal|revistas?|livros?|boletins|qualquer meio|qualquer suporte)\b",
        "edit": r"\b(?:alter\w+|modific\w+|edit(?:ar|e|ados?|adas?)|adapt\w+|cort(?:ar|es|e)|resumir|encurt\w+|mud\w+|íntegra|reescrev\w+|transform\w+)\b",
        "sell": r"\b(?:vend\w+|revend\w+|venda|revenda|cobrar|paywall)\b",
        "image": r"\b(?:fotos?|fotografias?|imagens|imagem|ilustrações|gráficos|vídeos?|charges|desenhos|infográficos)\b",
        "text": r"\b(?:artigos?|textos?|conteúdos?|notícias?|reportage(?:m|ns)|matérias?|histórias?|crónicas|crônicas|publicações|posts?|materiais|peças|feeds?)\b",
        "other_object": r"\b(?:logotipos?|logos?|marcas?|código-fonte|software|dados pessoais|cookies?|brasão|comentários)\b",
        "feed": r"\b(?:rss|feeds?|canais)\b",
        "ai_train": r"\b(?:ia|inteligência artificial|trein\w+|modelos? de linguagem|aprendizagem automática|aprendizado de máquina|generativ\w+|mineração|llm)\b",
        "auto": r"\b(?:automátic\w+|automatizad\w+|robôs?|robots?|bots?|raspagem|scraping|massiv\w+|sistemátic\w+|mineração|agregador\w*|extração)\b",
        "community": r"\b(?:comunitári\w+|associaç\w+|coletivos?|colectivos?|blogs?|sites? pessoais|páginas? pessoais|bairros?|particulares|clubes|voluntári\w+|moradores|paróquias?)\b",
        "nonprofit": r"\b(?:sem fins (?:lucrativos|de lucro)|ong|ongs|escolas?|educa\w+|universidades|bibliotecas|fundações|professores)\b",
        "noncommercial": r"\b(?:não[- ]comercia\w+|sem fins comerciais|sem (?:publicidade|anúncios)|não lucrativ\w+)\b",
        "commercial": r"\b(?:comercia(?:l|is|lmente)|empresas?|editoras?|jornais|revistas|veículos comerciais|portais|publicidade|lucro|lucrativ\w+|negócios|agências|emissoras|pagos?)\b",
        "ads": r"\bcom publicidade\b",
        "anyone": r"\b(?:qualquer (?:pessoa|veículo|site|meio|um)|todos|todo mundo|outros veículos|sites, jornais e rádios|sites e jornais|outros meios|quem quiser)\b(?! os direitos)",
        "others": r"\b(?:qualquer outr[oa]|os demais|as demais|todos os outros|outros usos|demais casos|restante)\b",
        "personal": r"\b(?:uso (?:estritamente )?(?:pessoal|privado|particular))\b",
        "narrow": r"\b(?:estudantes|estudantis|assinantes|membros|sócios|parceiros|credenciad\w+)\b",
        "public_domain": r"\bdomínio público\b",
        "reserved": r"\btodos os direitos (?:são )?reservados\b",
        "credit_source": r"""
            \b(?:cit(?:e|ar|ando|em|ação)|mencion\w+|menção|indi[cq]\w+|nome\w*|credit\w+|crédito|atribu\w+|dê|deem|informe|identifi\w+|com)\b.{0,80}(?:\bfonte\b|§name|\bnosso nome\b|\borigem\b|\bcais\b|\bveículo\b)
            \bcitando a fonte\b|\bmenção (?:à|ao|a|da|do) |\bpublicad[oa] (?:originalmente|primeiro)\b|§name.{0,40}\b(?:citad\w+|mencionad\w+|creditad\w+)
        """,
        "credit_author": r"\b(?:cit(?:e|ar|ando|em)|mencion\w+|indi[cq]\w+|credit\w+|crédito|nome|com|assinatura|mant\w+|dê|deem)\b.{0,60}\b(?:autor(?:a|es|as|ia)?|repórter(?:es)?|jornalistas?|quem (?:escreveu|assina)|redator\w*|assinatura)\b",
        "author_not": r"\bdireitos? (?:de autor|autora\w+)\b|\bseus autores\b",
        "link": r"\b(?:links?|hiperligaç\w+|ligaç(?:ão|ões)|hiperlinks?)\b",
        "not_link": r"\blinks (?:para outros|externos)\b",
        "link_home": r"\b(?:links?|ligação)\b.{0,50}\b(?:página inicial|nosso site|www\.|§url|capa)\b",
        "link_article_strict": r"\b(?:original|reportagem|artigo|texto|matéria|página correspondente)\b",
        "canonical": r"\bcan[ôó]nic\w+|\bcanonical\b|\bnoindex\b",
        "keep_links": r"\b(?:mantenh\w+|manter|conserv\w+|preserv\w+|deix\w+)\b.{0,30}\b(?:todos os |os )?(?:links|hiperlinks)\b",
        "tracker": r"\b(?:pixel|píxel|contador|rastreador|código de contagem)\b",
        "copyright_notice": r"\b(?:aviso|nota|linha) de (?:copyright|direitos)\b|\b(?:reproduz\w+|inclu\w+|mantenh\w+)\b.{0,30}\b(?:copyright|este aviso)",
        "licence_notice": r"\b(?:indi[cq]\w+|mencion\w+|cit\w+|link)\b.{0,40}\b(?:a|esta|da|à) licença\b",
        "notify": r"\b(?:avis\w+|inform\w+|notifi\w+|comuni[cq]\w+|conte-nos|envi\w+|mande\w*|nos diga)\b",
        "notify_context": r"\b(?:nos|e-?mail|link|publicação|quando|cópia|mensagem)\b|avise-nos|informe-nos",
        "bio": r"\b(?:nota|texto|frase|parágrafo|biografia|rodapé)\b.{0,40}\b(?:final|no fim|ao fim|sobre o|sobre a|biográfica|que acompanha|de encerramento)\b|\bno fim a nota\b",
        "top": r"\b(?:no (?:topo|início|começo|alto)|no cabeçalho|antes do (?:texto|primeiro)|em cima)\b",
        "no_edits": r"\b(?:sem (?:alter\w+|modific\w+|cortes|edições|mudanças)|na íntegra|não (?:alter\w+|modifi\w+|edit\w+|pode ser (?:alter|modific|edit)\w+)|tal como)\b",
        "minor": r"\b(?:pequen\w+|estilo|ortográf\w+|datas?|encurt\w+|cortar|reduzir|tamanho)\b",
        "may_edit": r"\b(?:pode[m]?|permit\w+|exceto|salvo|aceit\w+)\b",
        "headline": r"\b(?:títulos?|manchetes?)\b",
        "own_headline": r"\b(?:outro|novo|mudar o|próprio) título|título pode ser",
        "may_edit_headline": r"\b(?:pode[m]?|permit\w+|exceto|salvo|livre)\b",
        "image_excluded": r"\b(?:não|excluíd\w+|exceto|salvo|proibid\w+|sem|à parte)\b",
        "agency": r"\b(?:agências?|lusa|reuters|afp|terceiros|algumas)\b",
        "image_credit": r"\b(?:cit\w+|crédito\w*|credit\w+|nome|mencion\w+)\b",
        "no_sell": r"\b(?:não|proibid\w+|nem|sem|vedad\w+)\b.{0,60}\b(?:vend\w+|revend\w+|venda|revenda|cobrar|paywall)\b",
        "ads_against": r"\b(?:não|nem|sem|proibid\w+)\b.{0,50}\b(?:publicidade|anúncios)\b.{0,40}\b(?:junto|ao redor|dentro|contra|associad\w+)\b",
        "third": r"""
            \b(?:agências?|lusa|afp|reuters|terceiros|convidad\w+|parceiros|colaborador\w+|outros veículos)\b.{0,120}\b(?:não|exclu\w+|exceto|salvo|pertenc\w+|proibid\w+)
            \b(?:não|exclu\w+|exceto|salvo)\b.{0,90}\b(?:agências?|lusa|afp|reuters|terceiros|outros veículos)\b
            \b(?:pertencem (?:a|aos)|propriedade d[eo]s?) (?:terceiros|seus|outros|autores|fotógrafos)\b|\bnão são noss[oa]s\b|\bdireitos de terceiros\b
        """,
        "takedown": r"\b(?:retir\w+|remov\w+|apag\w+|exclu\w+|elimin\w+)\b.{0,70}\b(?:a (?:nosso )?pedido|se (?:o )?(?:pedirmos|solicitarmos)|quando (?:o )?(?:pedirmos|solicitarmos|solicitado)|mediante solicitação|assim que)\b|\b(?:a (?:nosso )?pedido|se pedirmos|quando (?:pedirmos|solicitarmos)|se (?:solicitarmos|solicitado))\b.{0,60}\b(?:retir\w+|remov\w+|apag\w+|elimin\w+|exclu\w+)",
        "remove": r"\b(?:retir\w+|remov\w+|apag\w+|tirar\w*|despubli\w+|desaparec\w+|mais de|sair do ar|do ar)\b",
        "embargo": r"\b(?:depois|após|embargo|esper\w+|aguard\w+|passad\w+|decorrid\w+|antes de|a partir)\b",
        "embargo_strict": r"\bembargo\b|\besper\w+|\baguard\w+|\bdecorrid\w+|\bantes de\b",
        "window": r"\b(?:durante|dentro de|nos primeiros|no prazo|até)\b",
        "after_publication": r"\b(?:publicação|publicad\w+|saída|lançamento)\b",
        "about_time_ignored": r"\b(?:respond\w+|resposta|conserv\w+ (?:os dados|por)|desde|assinatura|por mês)\b",
        "contact_context": r"\b(?:permiss\w+|autoriza\w+|direitos|licenç\w+|republi\w+|solicit\w+|escrev\w+|contat\w+|contact\w+|reprodu\w+|dúvidas?|fale|perguntas?)\b",
        "contact_ignored": r"\b(?:dados pessoais|assinaturas?|anuncie|doaç\w+|vagas|privacidade)\b",
        "contributor": r"\b(?:ao enviar|nos (?:concede|cede|autoriza|licencia)\w*|colaboraç\w+|colaborador\w+|seu (?:texto|artigo|conto|manuscrito)|seus textos|teu texto|envie (?:seu|o seu)|submiss\w+|originais)\b",
        "privacy": r"\b(?:dados pessoais|privacidade|cookies?|lgpd|rgpd|seus dados|consentimento|endereço ip|anonimizad\w+)\b",
        "inbound": r"\b(?:membros|moderador\w+|fórum|comentários|regras da comunidade|nossos (?:redatores|autores|usuários) (?:podem|devem)|usuários|utilizadores|banid\w+|participantes|mensagens)\b",
        "news": r"\b(?:disse|anunciou|explicou|afirmou|segundo|porta-voz|declarou|(?:segunda|terça|quarta|quinta|sexta)-feira|sábado|domingo|ministr\w+|críticos|decisão|prefeitura|câmara municipal)\b",
        "offer": r"\b(?:noss[oa]s|meus|minhas) (?:reportagens|artigos|textos|conteúdos|notícias|matérias|histórias|publicações|posts|feeds)\b|\bos textos d[oa]\b|\bconteúdos? d(?:este|o) site\b|\bcada texto\b",
        "prevails": r"\bprevalece\b|\bfaz fé\b",
        "not_allow": r"\bsem\b|\bsalvo\b|\breservad\w+",
        "holder": r"\b(?:da|à|pela) (?:editora|empresa|agência)\b|\b(?:do|ao|pelo) (?:editor|jornal)\b",
        "show": r"\b(?:exib\w+|mostr\w+|public\w+|inserir\w*)\b",
        "without": r"\bsem (?:\S+ ){0,2}(?:autorização|permissão|consentimento|pedir|precisar|necessidade)",
    },
)
