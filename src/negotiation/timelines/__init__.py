"""Any moment of a log at once.

`timeline` answers, `courses` keeps what stood at intervals, `lateness` leaves late records out, and
`blocks` is the list that courses are kept in.
"""

from negotiation.timelines.timeline import Timeline

__all__ = ["Timeline"]
