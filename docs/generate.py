"""Writes what the documentation makes of the library: the drawings, and the table of README.md."""

from __future__ import annotations

import diagrams
import tables


def main() -> None:
    """Write all of it."""
    diagrams.write_diagrams()
    readme = tables.ROOT / "README.md"
    readme.write_text(
        tables.readme_with_table(readme.read_text(encoding="utf-8")), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
