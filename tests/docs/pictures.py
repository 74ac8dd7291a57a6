"""docs/images/*.svg: a screen of the demo, drawn from the program's own output, without fonts from the web."""

import io
import re

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from .terminal import WIDTH, Terminal

FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
TEMPLATE = """\
<svg viewBox="0 0 {terminal_width} {terminal_height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>TITLE</title>
<style>
.{unique_id}-matrix {{ font-family: FONTS; font-size: {char_height}px; white-space: pre; }}
{styles}
</style>
<rect width="100%" height="100%" rx="10" fill="BACKGROUND"/>
<g class="{unique_id}-matrix" transform="translate(PADDING PADDING)">
{matrix}
</g>
</svg>
"""
PADDING = 16
_CLIP = re.compile(r' clip-path="url\([^"]*\)"')
_LINE_END = re.compile(r"<text [^>]*>\s*</text>")  # rich draws the newlines, too
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_COMMIT = re.compile(r"(?<=\bmain )[0-9a-f]{7}\b")


def _theme(background: tuple[int, int, int], foreground: tuple[int, int, int], *colours: str) -> TerminalTheme:
    palette = [(int(c[:2], 16), int(c[2:4], 16), int(c[4:], 16)) for c in colours]
    return TerminalTheme(background, foreground, palette, palette)


# black, red, green, yellow, blue, magenta, cyan, white; each at least 4.5:1 against its background
_LIGHT = "1f2328 b3261e 116329 7d4e00 0550ae 7a2fb0 0f5f73 57606a"
_DARK = "e6edf3 ff8a80 56d364 e3b341 79c0ff d2a8ff 5fd3e6 b1bac4"
THEMES = {
    "light": _theme((255, 255, 255), (31, 35, 40), *_LIGHT.split()),
    "dark": _theme((13, 17, 23), (230, 237, 243), *_DARK.split()),
}


def status_pictures(terminal: Terminal) -> dict[str, str]:
    """File name -> SVG of ``swarm status`` in a fresh world."""
    shown, _ = terminal.run("swarm status", colour=True)
    shown = _COMMIT.sub("8ec609c", shown)
    title = "swarm status: thirteen open workstreams by state, what needs you, what to do next"
    return {f"status-{name}.svg": draw(shown, name, title) for name in THEMES}


def draw(ansi: str, theme: str, title: str) -> str:
    """What a terminal shows for ``ansi``, as SVG."""
    console = Console(width=WIDTH, record=True, file=io.StringIO(), color_system="standard", force_terminal=True)
    console.print(Text.from_ansi(ansi.rstrip("\n")), highlight=False, crop=False)
    background = THEMES[theme].background_color.hex
    template = (
        TEMPLATE.replace("PADDING", str(PADDING))
        .replace("TITLE", title)
        .replace("FONTS", FONTS)
        .replace("BACKGROUND", background)
    )
    svg = console.export_svg(title="", theme=THEMES[theme], code_format=template, unique_id=f"swarm-{theme}")
    svg = _LINE_END.sub("", _CLIP.sub("", svg))
    svg = _SIZE.sub(lambda found: f'viewBox="0 0 {_wider(found[1])} {_wider(found[2])}"', svg, count=1)
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def _wider(size: str) -> str:
    return f"{float(size) + 2 * PADDING:g}"
