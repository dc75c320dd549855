"""The interface for programs under `/api/v1`: JSON, bearer tokens, one table of operations.

Takes: the same house, accounts and use cases as the pages behind the login. Gives: an aiohttp application. Router,
authorisation, validation and the OpenAPI document all come from the one table (`table.py`), so that they cannot differ;
the pydantic models that stand beside each noun's handlers are the contract.
"""
