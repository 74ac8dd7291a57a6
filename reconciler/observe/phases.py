"""Phases of a plan: headings like ``## Phase 2: Title`` with the boxes and the status line below them."""

import re
from bisect import bisect_left

from reconciler.model import Phase
from reconciler.observe.heads import BOLD
from reconciler.observe.page import Heading, Page
from reconciler.observe.words import claim_of, tidy_status
from reconciler.policy import Words

_LABEL = r"(\d{1,3}(?:\.\d{1,3}){0,2}[A-Za-z]?|[A-Z](?![\w'’]))"
_HEADING = re.compile(rf"[^\w]{{0,6}}(?:\d{{1,2}}[.)]\s+)?(?:Phase|PHASE|phase|フェーズ)\s*{_LABEL}(?![\w-])\s*(.*)")
_WORDS = ("hase", "HASE", "フェーズ")  # one of them stands in every heading of a phase
_OF = re.compile(r"\bphase[ \t]+(\w[\w.]{0,5})(?:[ \t]+(?:of|/)[ \t]*|[ \t]*/[ \t]*)(\d{1,3})\b", re.IGNORECASE)
_ALONE = re.compile(r"\W{0,3}(?:phase[ \t]+)?(\d{1,3}(?:\.\d{1,3})?|[A-Z])\b", re.IGNORECASE)
_DONE_MARK = re.compile(r"[✅☑✔🎉]\ufe0f?")
_TAIL = re.compile(r"(?:[-–—:|(\[]+\s*|\s)([^-–—:|()\[\]]{2,40})[)\]]*\s*$")
_LEVELS = range(2, 5)


def read_phases(page: Page, words: Words) -> tuple[Phase, ...]:
    """The phases in order; a phase inside another one is part of it, a label met twice is one phase."""
    if not any(word in page.text for word in _WORDS):
        return ()
    found: dict[str, Phase] = {}
    covered = 0
    box_lines = [line for line, _ in page.boxes]
    for heading in page.headings:
        is_near = heading.level in _LEVELS and any(word in heading.title for word in _WORDS)
        match = _HEADING.match(heading.title) if is_near else None
        if match is None or heading.line < covered:
            continue
        covered = heading.end
        label = match.group(1).upper()
        phase = _read(page, heading, label, match.group(2), box_lines, words)
        known = found.get(label)
        if known is None or (known.total == 0 and phase.total > 0):
            found[label] = phase
    return tuple(found.values())


def phase_of(title: str, field: str) -> tuple[str, str]:
    """("2", "5") from "Phase 2 of 5" in a header or the title; ("2", "") when the number of all is not said."""
    for text in (field, title):
        if match := _OF.search(text[:300]):
            return match.group(1), match.group(2)
    if match := _ALONE.match(field[:100]):
        return match.group(1).upper(), ""
    return "", ""


def _read(page: Page, heading: Heading, label: str, rest: str, box_lines: list[int], words: Words) -> Phase:
    low, high = bisect_left(box_lines, heading.line), bisect_left(box_lines, heading.end)
    boxes = page.boxes[low:high]
    title, status = _split_status(rest, words)
    return Phase(
        label,
        title,
        heading.line,
        sum(done for _, done in boxes),
        len(boxes),
        status or _status_line(page, heading),
    )


def _status_line(page: Page, heading: Heading) -> str:
    for _, line in page.numbered(heading.line + 1, min(heading.end, heading.line + 12)):
        if line.lstrip()[:1] == "#":
            break
        for match in BOLD.finditer(line) if "**" in line else ():
            if match.group(1).strip().casefold() == "status":
                return tidy_status(line[match.end() :].partition("**")[0])
    return ""


def _split_status(rest: str, words: Words) -> tuple[str, str]:
    """("Selection UI", "✅ COMPLETE") of ": Selection UI ✅ COMPLETE"."""
    text = rest.strip().lstrip(":：-–—.) ").strip()
    if mark := _DONE_MARK.search(text):
        status = text[mark.start() :].strip(" -–—()[]")
        return (text[: mark.start()].rstrip(" -–—([:") or text), status if len(status) < 60 else mark.group()
    tail = _TAIL.search(text)
    if tail and (tail.group(1).isupper() or text[tail.start() :].lstrip()[:1] in "(["):
        status = tail.group(1).strip()
        if claim_of(status, words, stage="plan") in ("done", "in-progress"):
            return text[: tail.start()].rstrip(" -–—(["), status
    return text, ""
