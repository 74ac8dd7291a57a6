"""A report as Markdown, and as one HTML page by itself: no script, no link, nothing fetched, everything escaped."""

from collections.abc import Sequence
from html import escape

from reconciler.cli.screens.progress import Section
from reconciler.derive.report import Point
from reconciler.printable import printable
from reconciler.publish.exports import markdown

_WIDTH, _HEIGHT, _EDGE = 640, 200, 34
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em;"
    "color:#111;background:#fff}h1{font-size:1.3em}h2{font-size:1em;margin:1.2em 0 .2em}ul{margin:0}"
    "svg{max-width:100%}@media(prefers-color-scheme:dark){body{color:#eee;background:#111}}"
)


def markdown_page(title: str, sections: Sequence[Section]) -> str:
    """A heading and a list for each section."""
    lines = [f"# {markdown(title)}", ""]
    for section in sections:
        lines += [f"## {markdown(_label(section))}", "", *(f"- {markdown(item)}" for item in section.items), ""]
    return "\n".join(lines)


def html_page(title: str, sections: Sequence[Section], points: Sequence[Point]) -> str:
    """The whole page; with the burn-up when there are points for it."""
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{_text(title)}</h1>",
    ]
    for section in sections:
        items = "".join(f"<li>{_text(item)}</li>" for item in section.items)
        parts.append(f"<h2>{_text(_label(section))}</h2>\n<ul>{items}</ul>")
    if len(points) > 1:
        parts.append(burn_up(points))
    return "\n".join([*parts, "</body>\n</html>\n"])


def burn_up(points: Sequence[Point]) -> str:
    """Done and known as two lines over time, so that growing scope is seen."""
    most = max(max(point.known for point in points), 1)
    last = points[-1]
    said = f"burn-up: {last.done} done of {last.known} known"
    days = [
        f'<text x="{x}" y="{_HEIGHT - 8}" text-anchor="{anchor}">{point.at:%Y-%m-%d}</text>'
        for x, anchor, point in ((_EDGE, "start", points[0]), (_WIDTH - _EDGE, "end", last))
    ]
    return "\n".join(
        [
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{_text(said)}" font-size="12"'
            ' fill="none" stroke="currentColor" stroke-width="2">',
            f'<polyline stroke-dasharray="5 4" points="{_line([p.known for p in points], most)}"/>',
            f'<polyline points="{_line([p.done for p in points], most)}"/>',
            f'<g fill="currentColor" stroke="none"><text x="2" y="{_EDGE // 2 + 4}">{most}</text>{"".join(days)}'
            f'<text x="{_WIDTH // 2}" y="14" text-anchor="middle">dashed: known {last.known}, '
            f"line: done {last.done}</text></g>",
            "</svg>",
        ]
    )


def _line(values: Sequence[int], most: int) -> str:
    step = (_WIDTH - 2 * _EDGE) / (len(values) - 1)
    room = _HEIGHT - 2 * _EDGE
    return " ".join(
        f"{_EDGE + i * step:.1f},{_HEIGHT - _EDGE - room * value / most:.1f}" for i, value in enumerate(values)
    )


def _label(section: Section) -> str:
    return section.label if section.number is None else f"{section.label} {section.number}"


def _text(text: str) -> str:
    return escape(printable(text), quote=True)
