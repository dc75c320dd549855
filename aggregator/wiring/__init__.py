"""Settings → ready objects: the only place where concrete parts meet.

What every command needs stands in `house`, what a running service needs besides in `serve`: only `run` loads that.
"""

from aggregator.wiring.house import (
    calm_collector,
    fetch_page,
    migrate_queue,
    open_discovery,
    open_fetcher,
    open_house,
    open_polling,
    settings_fetcher,
    template_folders,
    templates_folder,
    utc_now,
)

__all__ = [
    "calm_collector",
    "fetch_page",
    "migrate_queue",
    "open_discovery",
    "open_fetcher",
    "open_house",
    "open_polling",
    "settings_fetcher",
    "template_folders",
    "templates_folder",
    "utc_now",
]
