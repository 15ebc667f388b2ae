"""Why something is so.

`concerns` is an index of what concerns what, `behind` finds the records behind a value, and
`reasons` puts them into words.
"""

from negotiation.explaining.reasons import Explanation, Reason, explain, explanation

__all__ = ["Explanation", "Reason", "explain", "explanation"]
