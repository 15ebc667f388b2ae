"""Files as rows: tables, and JSON of many objects, read bit by bit however large they are.

What is wrong with a file as a whole is an error. What is wrong with one row is an error too, unless
`aside` is given: then it is told, and the rows behind it are read.
"""

from negotiation.importers.json_files import json_rows
from negotiation.importers.opening import Source
from negotiation.importers.table_files import table_rows

__all__ = ["Source", "json_rows", "table_rows"]
