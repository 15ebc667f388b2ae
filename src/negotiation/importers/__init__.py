"""Foreign data as logs: each importer is a pure function from rows of a source to logs."""

from negotiation.importers.cameo_rows import cameo
from negotiation.importers.casino_dialogues import casino
from negotiation.importers.ceasefire_rows import ceasefires
from negotiation.importers.common import Imported, Report, Row, SetAside
from negotiation.importers.json_files import json_rows
from negotiation.importers.negmas_live import of_mechanism
from negotiation.importers.negmas_runs import negmas
from negotiation.importers.plover_records import plover
from negotiation.importers.sheet_blank import blank_sheet
from negotiation.importers.sheet_rows import sheet
from negotiation.importers.table_files import table_rows

__all__ = [
    "Imported",
    "Report",
    "Row",
    "SetAside",
    "blank_sheet",
    "cameo",
    "casino",
    "ceasefires",
    "json_rows",
    "negmas",
    "of_mechanism",
    "plover",
    "sheet",
    "table_rows",
]
