"""A marked block in a Markdown file that belongs to somebody else."""

import re

from reconciler.frozen import frozen
from reconciler.hosts.installs.jsonedit import Draft
from reconciler.hosts.installs.settings import NotOurs
from reconciler.hosts.installs.splices import Splice

START = "<!-- swarm:start -->"
END = "<!-- swarm:end -->"
_LINE = r"^[ \t]*{}[ \t]*\r?$"
_START = re.compile(_LINE.format(re.escape(START)), re.MULTILINE)
_END = re.compile(_LINE.format(re.escape(END)), re.MULTILINE)
_FENCES = re.compile(r"^[ \t]*(```+|~~~+).*?(?:^[ \t]*\1[`~]*[ \t]*\r?$|\Z)", re.MULTILINE | re.DOTALL)


@frozen
class Block:
    """Where a block stands, markers and the line end after it included, and what it says between them."""

    start: int
    end: int
    said: str


def find(text: str) -> tuple[Block, ...]:
    """The blocks of the text; what is quoted as code does not count. Raises NotOurs for a marker without the other."""
    quoted = [match.span() for match in _FENCES.finditer(text)]
    starts, ends = (_outside(pattern, text, quoted) for pattern in (_START, _END))
    if len(starts) != len(ends):
        odd = (starts if len(starts) > len(ends) else ends)[-1]
        raise NotOurs("a swarm marker stands without the other", text.count("\n", 0, odd.start()) + 1)
    blocks, last = [], 0
    for start, end in zip(starts, ends, strict=True):
        if not last <= start.start() < end.start():
            raise NotOurs("the swarm markers are out of order", text.count("\n", 0, start.start()) + 1)
        last = end.end() + (text[end.end() : end.end() + 1] == "\n")
        said = text[start.end() : end.start()].replace("\r\n", "\n").strip("\n")
        blocks.append(Block(start.start(), last, said))
    return tuple(blocks)


def put_in(text: str, said: str) -> Draft:
    """The text with one block that says this: at its place, or at the end. Further blocks go. Raises NotOurs."""
    blocks = find(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    made = newline.join([START, *said.strip("\n").split("\n"), END, ""])
    if not blocks:
        bare = text.removeprefix("\ufeff")
        gap = "" if not bare else newline if bare.endswith("\n") else newline * 2
        draft = Draft(text).change((Splice(len(text), len(text), gap + made),))
        if not find(draft.text):
            line = max(text.count("\n", 0, match.start()) + 1 for match in _FENCES.finditer(text))
            raise NotOurs("a code fence has no end, so nothing can be put behind it", line)
        return draft
    first, *more = blocks
    splices = [Splice(*_with_gap(text, block), "") for block in more]
    if first.said != said.strip("\n"):
        splices.append(Splice(first.start, first.end, made))
    return Draft(text).change(splices) if splices else Draft(text)


def take_out(text: str) -> Draft:
    """The text without blocks, and without the empty line that was put before them. Raises NotOurs."""
    blocks = find(text)
    return Draft(text).change([Splice(*_with_gap(text, b), "") for b in blocks]) if blocks else Draft(text)


def has_line(text: str, line: str) -> bool:
    """Whether the text has these words by itself: outside of code, anywhere between spaces."""
    spoken = re.escape(line).replace("@", "@(?:\\./)?", 1)
    return re.search(rf"(?<!\S){spoken}(?!\S)", _FENCES.sub("", text)) is not None


def _outside(pattern: re.Pattern[str], text: str, quoted: list[tuple[int, int]]) -> list[re.Match[str]]:
    return [m for m in pattern.finditer(text) if not any(start <= m.start() < end for start, end in quoted)]


def _with_gap(text: str, block: Block) -> tuple[int, int]:
    """Where a block begins and ends, the empty line before it included."""
    before = text[: block.start]
    for newline in ("\r\n", "\n"):
        if before.endswith(newline * 2):
            return block.start - len(newline), block.end
    return block.start, block.end
