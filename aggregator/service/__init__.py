"""The use cases: the only place where the stages meet.

Each gathers facts, lets a pure function decide, applies the result in one transaction, and gives back a report that
command line, pages, log and tests share. Takes ready objects (a store, a fetcher, a parser) and opens nothing.
"""
