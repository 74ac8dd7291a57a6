"""Understands one document: bytes in, a Text value out. Never raises, whatever the bytes."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from datetime import date

from reconciler.model import Field, Problem, Text
from reconciler.observe import heads
from reconciler.observe.dependencies import read_dependencies
from reconciler.observe.files import read_files
from reconciler.observe.frontmatter import Front, read_front
from reconciler.observe.layouts import folded
from reconciler.observe.links import read_links
from reconciler.observe.mentions import read_mentions
from reconciler.observe.names import to_date
from reconciler.observe.page import Heading, Page, read_page
from reconciler.observe.phases import phase_of, read_phases
from reconciler.observe.statefile import parse_state
from reconciler.observe.titles import tidy_title
from reconciler.observe.words import claim_of, is_placeholder, tidy_status
from reconciler.policy import Match, Rulebook, Words

MAX_READ = 256 * 1024

_RELATIONS = frozenset(  # header fields whose value is a reference even when it is no path
    {
        *("plan", "research", "spec", "validation", "review", "checkpoint"),
        *("ticket", "branch", "worktree", "feature", "parent"),
    }
)
_NAMES_FILES = frozenset({"plan", "spec", "checkpoint"})  # stages whose files matter
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d)")
_NUMBERING = re.compile(r"^[\W\d_]+(?=\w)")


def parse(path: str, data: bytes, match: Match, rulebook: Rulebook) -> Text:
    """What the bytes of the document at ``path`` say. A pure function of its arguments."""
    if path.endswith(".json"):
        return parse_state(path, data, match, rulebook.words)
    text, problems = decode(data, path=path)
    front = read_front(text, path=path)
    page = read_page(text[front.length :], first=1 + text.count("\n", 0, front.length))
    return _Reader(page, front, match, rulebook.words).text(problems)


def decode(data: bytes, *, path: str) -> tuple[str, tuple[Problem, ...]]:
    """The text with LF line breaks, at most 256 kB of it; what is wrong with the bytes as problems."""
    problems = []
    if len(data) > MAX_READ:
        message = f"only the first {MAX_READ // 1024} of {len(data) // 1024} kB are read"
        problems.append(Problem("too-big", message, path, severity="info"))
        data = data[:MAX_READ]
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    text = data.decode(encoding, "replace").removeprefix("\ufeff")
    if "\ufffd" in text and encoding == "utf-8" and not problems:
        line = text.count("\n", 0, text.index("\ufffd")) + 1
        problems.append(Problem("not-utf8", "not UTF-8, read as well as possible", path, line, "info"))
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        problems.append(Problem("not-text", "holds NUL bytes, read as well as possible", path, line, "info"))
        text = text.replace("\0", " ")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, tuple(problems)


class _Reader:
    """Brings the readers of the parts together for one document."""

    def __init__(self, page: Page, front: Front, match: Match, words: Words) -> None:
        self._page, self._front, self._match, self._words = page, front, match, words
        self._own = {h.line: self._own_meaning(h) for h in page.headings}
        self._starts = [h.line for h in page.headings]
        self._overview_end = self._end_of_first_section()

    def text(self, problems: tuple[Problem, ...]) -> Text:
        page, words = self._page, self._words
        fields = (*self._front_fields(), *heads.read_fields(page, words.fields))
        status, status_line = self._status(fields)
        phases = read_phases(page, words)
        phase_lines = {phase.line for phase in phases}
        ranges = [(h.line, h.end) for h in page.headings if h.line in phase_lines]
        title = self._title(fields)
        dependencies = read_dependencies(
            page,
            fields,
            words,
            meaning_of=lambda heading: self._own[heading.line],
            in_phase=lambda line: any(start < line < end for start, end in ranges),
        )
        mentions = (
            read_mentions(page, words, context_of=self._context_of) if self._match.stage in ("spec", "plan") else ()
        )
        files, creates = read_files(page, words) if self._match.stage in _NAMES_FILES else ((), ())
        return Text(
            title=title,
            fields=fields,
            status=status,
            status_line=status_line,
            claim=claim_of(status, words, stage=self._match.stage),
            created=_created(fields),
            phases=phases,
            boxes_done=sum(done for _, done in page.boxes),
            boxes_total=len(page.boxes),
            phase_of=phase_of(title, next((f.value for f in fields if f.name == "phase"), "")),
            links=read_links(page, fields, context_of=self._context_of, relations=_RELATIONS),
            dependencies=(*dependencies, *mentions),
            files=files,
            creates=creates,
            problems=(*problems, *self._front.problems),
        )

    def _front_fields(self) -> tuple[Field, ...]:
        names: Mapping[str, str] = self._words.fields
        return tuple(Field(names.get(f.name, f.name), f.value, f.line, f.origin) for f in self._front.fields)

    def _title(self, fields: tuple[Field, ...]) -> str:
        raw = [h.title for h in self._page.headings if h.level == 1][:1]
        raw += [f.value for name in ("title", "name", "topic") for f in fields if f.name == name]
        return next((title for text in raw if (title := tidy_title(text, self._words))), "")

    def _status(self, fields: tuple[Field, ...]) -> tuple[str, int]:
        for field in fields:
            status = tidy_status(field.value) if field.name == "status" else ""
            if status and not is_placeholder(status, self._words):
                return status, field.line
        for heading in self._page.headings:
            if heading.level > 1 and self._own[heading.line] == "status":
                for number, line in self._page.numbered(heading.line + 1, heading.end):
                    status = tidy_status(line.lstrip("-*+# \t"))
                    if not is_placeholder(status, self._words):
                        return status, number
                    break
                break
        return "", 0

    # -- where a line stands

    def _own_meaning(self, heading: Heading) -> str:
        return self._words.once("heading", heading.title, self._meaning_of)

    def _meaning_of(self, title: str) -> str:
        return self._words.headings.get(folded(_NUMBERING.sub("", title).strip(" *:：#")), "")

    def _end_of_first_section(self) -> int:
        sections = [h for h in self._page.headings if h.level > 1]
        if not sections:
            return self._page.end
        top = min(h.level for h in sections)
        return next((h.end for h in sections if h.level == top), self._page.end)

    def _context_of(self, line: int) -> str:
        """related | overview | prose, by the section around the line."""
        index = bisect_right(self._starts, line) - 1
        level = 7
        while index >= 0:
            heading = self._page.headings[index]
            if heading.level < level:
                level = heading.level
                if (meaning := self._own[heading.line]) in ("related", "overview"):
                    return meaning
            index -= 1
        return "overview" if line < self._overview_end else "prose"


def _created(fields: tuple[Field, ...]) -> date | None:
    for field in fields:
        if field.name == "date" and (match := _DAY.search(field.value[:100])):
            return to_date(*match.groups())
    return None
