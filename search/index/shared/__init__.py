"""An embedded index that one process has open, for the other processes of its user.

The embedded engine gives its folder to one process. A server process that has it open answers the
calls of the others over a Unix socket in that folder, so that a command works beside it.
"""

from search.index.shared.client import connect
from search.index.shared.host import share

__all__ = ["connect", "share"]
