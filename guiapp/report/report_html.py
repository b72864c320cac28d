"""The report as one HTML file that needs nothing beside it: figures, style and text are inside."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape

from guiapp.report.report_document import Block, Heading, Paragraph, Picture, Table

_DOTS_PER_INCH = 160
_STYLE = """
body { font: 15px/1.55 -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: #1b1f24; background: #fff; margin: 0 auto;
  max-width: 1000px; padding: 32px 28px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 40px 0 10px; padding-bottom: 6px; border-bottom: 1px solid #e1e4e8; }
h3 { font-size: 16px; margin: 28px 0 8px; } p { margin: 8px 0; max-width: 80ch; }
figure { margin: 20px 0; } figure img { max-width: 100%; height: auto; } figcaption, caption { color: #5f6773; font-size: 13px; }
table { border-collapse: collapse; margin: 14px 0; font-variant-numeric: tabular-nums; } caption { text-align: left; padding-bottom: 6px; }
th { font-weight: 600; color: #5f6773; font-size: 13px; border-bottom: 1px solid #c9ced6; }
th, td { padding: 4px 14px 4px 0; text-align: right; } th.words, td.words { text-align: left; }
tr + tr td { border-top: 1px solid #eef0f2; }
.wide { overflow-x: auto; }
@media print { body { max-width: none; padding: 0; } figure, tr { break-inside: avoid; } h2, h3 { break-after: avoid; } }
"""


def report_html(blocks: Sequence[Block]) -> str:
    """Return the whole page.

    Args:
        blocks: What ``report_blocks`` returned.
    """
    title = next((block.text for block in blocks if isinstance(block, Heading) and block.level == 1), "Report")
    body = "\n".join(_block(block) for block in blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        return f"<p>{escape(block.text)}</p>"
    if isinstance(block, Table):
        return _table(block)
    return _picture(block)


def _table(table: Table) -> str:
    def cells(row: Sequence[str], tag: str) -> str:
        marks = [' class="words"' if place in table.left else "" for place in range(len(row))]
        return "".join(f"<{tag}{mark}>{escape(text)}</{tag}>" for mark, text in zip(marks, row, strict=True))

    rows = "\n".join(f"<tr>{cells(row, 'td')}</tr>" for row in table.rows)
    head = f"<thead><tr>{cells(table.head, 'th')}</tr></thead>"
    return f'<div class="wide"><table><caption>{escape(table.caption)}</caption>{head}\n<tbody>\n{rows}\n</tbody></table></div>'


def _picture(picture: Picture) -> str:
    stream = io.BytesIO()
    picture.figure.savefig(stream, format="png", dpi=_DOTS_PER_INCH)
    image = base64.b64encode(stream.getvalue()).decode("ascii")
    width = round(100 * float(picture.figure.get_size_inches()[0]))
    return (
        f'<figure><img alt="{escape(picture.caption, quote=True)}" width="{width}" src="data:image/png;base64,{image}">'
        f"<figcaption>{escape(picture.caption)}</figcaption></figure>"
    )
