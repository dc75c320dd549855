"""The pages behind the login: who may see and do what stands in one table, everything else is closed.

Takes: a running house and its accounts. Gives: an aiohttp application to be mounted under `/admin`. Knows nothing of
how flags, grants or entries are stored: the use cases in `service/` do.
"""
