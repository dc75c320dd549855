"""The aiohttp application. Takes ready documents and reports, gives HTTP; knows nothing of how they were made."""
