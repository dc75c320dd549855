"""A publisher's notice in prose → what it seems to say, and the sentences that say it. A proposal, never a permission.

text       a notice as sentences: headings, lists, questions
languages  the phrases of each language, as tables
hear       what a sentence grants, refuses or keeps for asking; to whom
licence    the licence that it names
terms      duties, limits, times, a contact
verdict    the notice as a whole
proposal   a policy to review, with its evidence
"""
