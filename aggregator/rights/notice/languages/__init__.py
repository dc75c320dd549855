"""The tables, a file per language."""

from aggregator.rights.notice.languages.chinese import CHINESE
from aggregator.rights.notice.languages.dutch import DUTCH
from aggregator.rights.notice.languages.english import ENGLISH
from aggregator.rights.notice.languages.french import FRENCH
from aggregator.rights.notice.languages.german import GERMAN
from aggregator.rights.notice.languages.italian import ITALIAN
from aggregator.rights.notice.languages.polish import POLISH
from aggregator.rights.notice.languages.portuguese import PORTUGUESE
from aggregator.rights.notice.languages.scandinavian import SCANDINAVIAN
from aggregator.rights.notice.languages.spanish import SPANISH

LANGUAGES = (ENGLISH, GERMAN, FRENCH, SPANISH, ITALIAN, PORTUGUESE, DUTCH, POLISH, SCANDINAVIAN, CHINESE)
"""The first is the one that counts where no other is recognised."""

__all__ = ["LANGUAGES"]
