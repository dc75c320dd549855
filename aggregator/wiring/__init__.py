"""Settings → ready objects: the only place where concrete parts meet.

What every command needs stands in `house`; what asks others in `outside`, and what a running service needs besides in
`serve`: those are loaded where they are needed, because they bring the libraries of the web.
"""

from aggregator.wiring.house import (
    calm_collector,
    migrate_queue,
    open_house,
    template_folders,
    templates_folder,
    utc_now,
)

__all__ = [
    "calm_collector",
    "migrate_queue",
    "open_house",
    "template_folders",
    "templates_folder",
    "utc_now",
]
