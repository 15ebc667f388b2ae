"""How fast foreign rows become logs, beside merely reading them; and what memory that takes.

The rows are invented coded news, of 20 columns as in ICEWS; an invented sheet of ten columns; and,
as the widest that a sheet gets, that of the report with its 48, again and again.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from attrs import frozen

from negotiation.importers import Imported, cameo, sheet, table_rows

_COUNTRIES: Final = ("Eastland", "Westland", "Northland", "Southland", "Isles")
_ACTORS: Final = ("Government", "Envoy", "Army", "Head of State", "Citizen", "Opposition")
_CODES: Final = ("010", "020", "036", "040", "042", "043", "046", "051", "112", "120", "173", "190")
"""About two of three have a counterpart, as in real news."""

_HEAD: Final = (
    "Event ID", "Event Date", "Source Name", "Source Sectors", "Source Country", "Event Text",
    "CAMEO Code", "Intensity", "Target Name", "Target Sectors", "Target Country", "Story ID",
    "Sentence Number", "Publisher", "City", "District", "Province", "Country", "Latitude",
    "Longitude",
)  # fmt: skip
_SHEET_HEAD: Final = (
    "id", "event", "time", "by", "proposal", "to", "terms.price", "terms.weeks", "reason", "quote",
)  # fmt: skip
_SHEET: Final = Path(__file__).parent.parent / "examples" / "easter_truce_2025.csv"


def write_news(path: Path, count: int) -> None:
    """Write a table of so many coded events, 2,000 to the day."""
    random = Random(count)  # noqa: S311  # invented data, the same each time

    def actor() -> tuple[str, str, str]:
        country = random.choice(_COUNTRIES)
        who = random.choice(_ACTORS)
        return f"{who} ({country})", who, country

    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(_HEAD)
        for index in range(count):
            day = date(2018, 6, 1) + timedelta(days=index // 2000 % 3000)
            table.writerow(
                [
                    index + 1, day, *actor(), "Said or done", random.choice(_CODES), "1.0",
                    *actor(), index // 3, index % 6 + 1, "Valley Post", "Harbour", "NA", "Coast",
                    "Westland", "10.5", "20.25",
                ]
            )  # fmt: skip


def write_sheet(path: Path, count: int) -> None:
    """Write a sheet of so many rows: offers that are rejected."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(_SHEET_HEAD)
        for index in range(count // 2):
            time = datetime(2026, 1, 1) + timedelta(minutes=index)  # noqa: DTZ001  # as in a sheet
            said = f"{time:%Y-%m-%d %H:%M}"
            price = f"{index % 90 + 10}.5"
            table.writerow(
                [f"o{index}", "ProposalMade", said, "north", f"p{index}", "south;east", price, "8",
                 "", "what was said"]
            )  # fmt: skip
            table.writerow(
                [f"r{index}", "ProposalRejected", said, "south", f"p{index}", *[""] * 3, "dear", ""]
            )


def write_widest_sheet(path: Path, count: int) -> None:
    """Write the sheet of the report, repeated until it has about so many rows."""
    with _SHEET.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    id = head.index("id")
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(head)
        for copy in range(count // len(rows)):
            table.writerows([*row[:id], f"{row[id]}-{copy}", *row[id + 1 :]] for row in rows)


@frozen
class Source:
    """A file and how it is read.

    Attributes:
        name: what it is called.
        write: writes it, of about so many rows.
        read: gives the logs that its importer makes of it.
        delimiter: what stands between its cells.
        command: the arguments of `negotiation import` for it, without the path and the store.
        rate: how many thousand rows a second are aimed for; None where nothing is promised.
    """

    name: str
    write: Callable[[Path, int], None]
    read: Callable[[Path], Imported]
    delimiter: str
    command: tuple[str, ...]
    rate: int | None = 50


SOURCES: Final = (
    Source(
        "coded news",
        write_news,
        lambda path: cameo(table_rows(path, plain_tabs=True)),
        "\t",
        ("cameo",),
    ),
    Source(
        "sheet",
        write_sheet,
        lambda path: sheet(table_rows(path), negotiation="talks"),
        ",",
        ("sheet", "--negotiation", "talks"),
    ),
    Source(
        "widest sheet",
        write_widest_sheet,
        lambda path: sheet(table_rows(path), negotiation="talks"),
        ",",
        ("sheet", "--negotiation", "talks"),
        rate=None,
    ),
)


def count_rows(source: Source, path: Path) -> int:
    """How many rows a file has."""
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file, delimiter=source.delimiter)) - 1


def merely_read(source: Source, path: Path) -> None:
    """Read a file as rows by name, and the day of each: the least that any importer does."""
    time_column = "Event Date" if source.delimiter == "\t" else "time"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=source.delimiter):
            datetime.fromisoformat(row[time_column])


def whole_import(source: Source, path: Path, store: Path) -> tuple[float, float]:
    """Import a file into a new SQLite store by the command line: seconds, and the peak in MiB."""
    code = (
        "import sys; from negotiation.cli import main\n"
        "try: main()\n"
        "finally: print(*(line for line in open('/proc/self/status') if line[:5] == 'VmHWM'),"
        " file=sys.stderr)"  # the peak since the program began; rusage has that of its parent too
    )
    arguments = (source.command[0], str(path), *source.command[1:], "--to", f"sqlite:///{store}")
    begun = time.perf_counter()
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, "import", *arguments],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return time.perf_counter() - begun, int(done.stderr.split()[-2]) / 1024
