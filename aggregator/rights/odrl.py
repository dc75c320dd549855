"""Policies in ODRL 2.2: out in our profile without loss, in from anybody without ever loosening.

`to_odrl` gives JSON-LD as plain values. `from_odrl` takes the statements of a document, however it was written: reading
bytes is `intake.odrl_read`.
"""

from aggregator.rights.odrl_understand import from_odrl, policies_in
from aggregator.rights.odrl_write import to_odrl

__all__ = ["from_odrl", "policies_in", "to_odrl"]
