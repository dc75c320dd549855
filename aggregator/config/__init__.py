"""Configuration: YAML in `config/` → typed settings, or every problem with file, line and remedy.

Takes a folder, gives a `Configuration`, knows the files' shape and nothing of what is done with it.

    read     text → plain values with their lines; YAML 1.2 without its traps
    words    the small values: durations, sizes, names, addresses, secrets
    terms    duties and limits in all their spellings
    written  every key of every file, with its description
    shape    plain values → the model's values
    check    what takes several keys or files to see
    load     the whole folder
    schema   JSON Schemas of the same keys
    splice   changes to the text of one file that keep every other byte
    edit     changes to the folder: checked whole, then written, or not at all
"""

from aggregator.config.edit import Edit
from aggregator.config.load import fingerprint, load, load_settings
from aggregator.config.schema import schemas
from aggregator.config.settings import (
    Configuration,
    Expectation,
    Log,
    Mail,
    PolicyTest,
    Retention,
    Server,
    Settings,
    Site,
)

__all__ = [
    "Configuration",
    "Edit",
    "Expectation",
    "Log",
    "Mail",
    "PolicyTest",
    "Retention",
    "Server",
    "Settings",
    "Site",
    "fingerprint",
    "load",
    "load_settings",
    "schemas",
]
