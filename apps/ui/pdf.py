"""Papers as PDF: a heading, facts, sections with sentences and tables, in every language of the product.

The font is embedded (Noto Sans SC under the Open Font License, cut to Latin letters and the characters of
simplified Chinese), and nothing in a file depends on the clock: the same paper gives the same bytes.
"""

import functools
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

FONT = "NotoSansSC"
_FILE = Path(__file__).parent / "fonts" / "NotoSansSC-Regular.ttf"
_ACCENT, _LINE, _MUTED = colors.HexColor("#0d6470"), colors.HexColor("#d9dcd6"), colors.HexColor("#5b6470")
_MARGIN = 18 * mm
_PADDING = 6  # of every frame, in points


@dataclass(frozen=True)
class Grid:
    """A table: the first column is text, the others are figures at the right edge."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """A part of a paper."""

    title: str
    sentences: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    grid: Grid | None = None


@dataclass(frozen=True)
class Paper:
    """What is to be printed. ``foot`` stands at the foot of every page."""

    title: str
    subtitle: str = ""
    facts: Sequence[tuple[str, str]] = ()
    sections: Sequence[Section] = field(default_factory=tuple)
    foot: str = ""
    author: str = ""


@functools.cache
def _styles() -> dict[str, ParagraphStyle]:
    pdfmetrics.registerFont(TTFont(FONT, str(_FILE)))
    base = ParagraphStyle("base", fontName=FONT, fontSize=9.5, leading=14, wordWrap="CJK")
    return {
        "base": base,
        "right": ParagraphStyle("right", base, alignment=TA_RIGHT),
        "muted": ParagraphStyle("muted", base, textColor=_MUTED),
        "title": ParagraphStyle("title", base, fontSize=20, leading=26, textColor=_ACCENT),
        "head": ParagraphStyle("head", base, fontSize=12.5, leading=18, spaceBefore=10, spaceAfter=3),
        "bullet": ParagraphStyle("bullet", base, leftIndent=10, bulletIndent=1, spaceAfter=2),
        "small": ParagraphStyle("small", base, fontSize=8, leading=11, textColor=_MUTED),
        "small_right": ParagraphStyle("small_right", base, fontSize=8, leading=11, alignment=TA_RIGHT),
    }


def render(paper: Paper) -> bytes:
    """Return a paper as the bytes of a PDF file; the same paper gives the same bytes."""
    styles = _styles()
    story: list[Flowable] = [Paragraph(escape(paper.title), styles["title"])]
    if paper.subtitle:
        story.append(Paragraph(escape(paper.subtitle), styles["muted"]))
    story.append(Spacer(1, 4 * mm))
    if paper.facts:
        story.append(_facts(paper.facts))
    for section in paper.sections:
        story += _section(section)
    buffer = io.BytesIO()
    template = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=22 * mm,
        title=paper.title,
        author=paper.author,
        invariant=1,
    )
    draw = functools.partial(_foot, paper.foot)
    template.build(story, onFirstPage=draw, onLaterPages=draw)
    return buffer.getvalue()


def _foot(text: str, canvas: Any, template: Any) -> None:
    canvas.saveState()
    canvas.setFont(FONT, 7.5)
    canvas.setFillColor(_MUTED)
    canvas.drawString(_MARGIN + _PADDING, 12 * mm, text[:140])
    page = _("Page %(number)s") % {"number": template.page}
    canvas.drawRightString(A4[0] - _MARGIN - _PADDING, 12 * mm, page)
    canvas.restoreState()


def _facts(facts: Sequence[tuple[str, str]]) -> Table:
    styles = _styles()
    rows = [[Paragraph(escape(a), styles["muted"]), Paragraph(escape(b), styles["base"])] for a, b in facts]
    table = Table(rows, colWidths=[45 * mm, None], hAlign="LEFT")
    look = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 1)]
    table.setStyle(TableStyle([*look, ("LEFTPADDING", (0, 0), (0, -1), 0)]))
    return table


def _section(section: Section) -> list[Flowable]:
    styles = _styles()
    head: Flowable = Paragraph(escape(section.title), styles["head"])
    parts: list[Flowable] = [
        Paragraph(escape(sentence), styles["bullet"], bulletText="•") for sentence in section.sentences
    ]
    if section.facts:
        parts.append(_facts(section.facts))
    if section.grid is not None:
        parts.append(_grid(section.grid))
    if not parts:
        return [head]
    return [KeepTogether([head, parts[0]]), *parts[1:]]


def _grid(grid: Grid) -> Table:
    styles = _styles()

    def cells(row: Sequence[str], text: str, figure: str) -> list[Paragraph]:
        return [
            Paragraph(escape(cell).replace("\n", "<br/>"), styles[figure if place else text])
            for place, cell in enumerate(row)
        ]

    rows = [cells(grid.header, "small", "small_right")]
    rows += [cells(row, "base", "right") for row in grid.rows]
    if grid.total:
        rows.append(cells(grid.total, "base", "right"))
    width = A4[0] - 2 * (_MARGIN + _PADDING)
    figures = len(grid.header) - 1
    narrow = min(34 * mm, width * 0.6 / max(figures, 1))
    table = Table(rows, colWidths=[width - narrow * figures, *[narrow] * figures], repeatRows=1)
    look: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, _ACCENT),
        ("LINEBELOW", (0, 1), (-1, -1), 0.3, _LINE),
    ]
    if grid.total:
        look.append(("LINEABOVE", (0, -1), (-1, -1), 0.8, _ACCENT))
    table.setStyle(TableStyle(look))
    return table
