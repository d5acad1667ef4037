"""A table of finished cells: one set of rows for HTML, Markdown and the terminal."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: its heading, and the group that it stands under."""

    title: str
    group: str = ""


@dataclass(frozen=True)
class Table:
    """A captioned table; the first cell of a row names it."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]

    def has_column(self, title: str) -> bool:
        """Whether a column has this heading."""
        return any(column.title == title for column in self.columns)

    def groups(self) -> list[tuple[str, int]]:
        """The groups over the columns from left to right, each with the number of columns that it spans."""
        spans: list[tuple[str, int]] = []
        for column in self.columns:
            if spans and spans[-1][0] == column.group:
                spans[-1] = (column.group, spans[-1][1] + 1)
            else:
                spans.append((column.group, 1))
        return spans


def to_markdown(table: Table) -> str:
    """The table in GitHub's Markdown; a column's group stands before its title."""
    titles = tuple(f"{column.group}: {column.title}" if column.group else column.title for column in table.columns)
    ruler = ("---", *("---:" for _ in table.columns[1:]))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (titles, ruler, *table.rows))


def to_text(table: Table) -> str:
    """The table as aligned plain text for a terminal, under a ruler."""
    lines = [tuple(column.title for column in table.columns), *table.rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(table.columns))]
    first, *rest = ("  ".join(map(_align, line, widths, range(len(widths)))).rstrip() for line in lines)
    return "\n".join([first, "─" * (sum(widths) + 2 * len(widths) - 2), *rest])


def _align(cell: str, width: int, index: int) -> str:
    return cell.ljust(width) if index == 0 else cell.rjust(width)
