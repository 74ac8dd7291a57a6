"""The shapes of rules/*.toml once loaded. Values only; observe/rulebook.py reads them, derive/ uses them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date
from typing import Protocol

from reconciler.frozen import frozen
from reconciler.model import Problem, State, Tag

MAX_KNOWN = 4096  # texts whose meaning is kept, see Words.once


class Expression(Protocol):
    """What rules need of a regular expression; compiled when first used, since most are not."""

    source: str

    def fullmatch(self, string: str, /) -> re.Match[str] | None: ...
    def match(self, string: str, /) -> re.Match[str] | None: ...
    def search(self, string: str, /) -> re.Match[str] | None: ...


@frozen
class Wild:
    """A phrase with parts left open: * or # in words, {phase} in names."""

    pieces: tuple[str, ...]  # what stands between them, folded
    expression: Expression

    def match(self, text: str) -> re.Match[str] | None:
        """Where the folded text begins with it."""
        return self.expression.match(text) if self._may_hold(text) else None

    def search(self, text: str) -> re.Match[str] | None:
        """Where it stands in the folded text."""
        return self.expression.search(text) if self._may_hold(text) else None

    def _may_hold(self, text: str) -> bool:
        """Whether it is worth while to compile the expression, which takes a millisecond, for this text."""
        return all(piece in text for piece in self.pieces)


@frozen
class Phrases:
    """Words to look for in a text, without regard to case, "-" and "_" as spaces."""

    literals: tuple[str, ...] = ()  # folded
    wild: tuple[Wild, ...] = ()

    def begin(self, text: str) -> bool:
        """Whether the folded text begins with one of them."""
        if text.startswith(self.literals) and any(
            text.startswith(p) and ends_word(text, len(p)) for p in self.literals
        ):
            return True
        return any(wild.match(text) for wild in self.wild)

    def within(self, text: str) -> bool:
        """Whether one of them stands anywhere in the folded text."""
        for phrase in self.literals:
            if phrase in text and _stands_in(text, phrase):
                return True
        return any(wild.search(text) for wild in self.wild)


def fold_phrase(text: str) -> str:
    """The form in which phrases are compared."""
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").replace("’", "'").split())


def ends_word(text: str, end: int) -> bool:
    """Whether a word ends before ``end``; scripts without spaces have no such borders."""
    if end >= len(text) or not text[end - 1].isascii() or not text[end - 1].isalnum():
        return True
    return not (text[end].isalnum() and text[end].isascii())


def _stands_in(text: str, phrase: str) -> bool:
    at = text.find(phrase)
    while at >= 0:
        before = at == 0 or not (text[at - 1].isalnum() and text[at - 1].isascii() and phrase[0].isascii())
        if before and ends_word(text, at + len(phrase)):
            return True
        at = text.find(phrase, at + 1)
    return False


@frozen
class Condition:
    """Holds when every tag of ``all`` is there, one of ``any`` (if given), and none of ``none``."""

    all: frozenset[Tag] = frozenset()
    any: frozenset[Tag] = frozenset()
    none: frozenset[Tag] = frozenset()

    def holds(self, tags: frozenset[Tag]) -> bool:
        return self.all <= tags and (not self.any or bool(self.any & tags)) and not (self.none & tags)


@frozen
class StateRule:
    """``[[state.rule]]`` in lifecycle.toml."""

    id: str
    state: State
    when: Condition
    say: str = ""  # "" = the detail of the strongest evidence that it names
    confidence: str = "high"


@frozen
class StateRow:
    """``[[state]]`` in lifecycle.toml; the file's order is most advanced first."""

    name: State
    meaning: str
    glyph: str
    ascii: str
    style: str
    open: bool
    rules: tuple[StateRule, ...]


@frozen
class FlagRow:
    """``[[flag]]`` in lifecycle.toml."""

    name: str
    meaning: str
    glyph: str
    ascii: str
    style: str
    attention: bool  # puts "!" in the margin


@frozen
class SuggestionRule:
    """``[[suggestion]]`` in suggestions.toml; the first that holds gives the action."""

    id: str
    action: str
    when: Condition
    weight: int
    say: str
    command: str  # "{id}", "{branch}" and "{worktree}" are filled in


@frozen
class WeightRule:
    """``[[weight]]`` in suggestions.toml: ``each`` points per unit of a numeric fact, at most ``cap``."""

    id: str
    fact: str  # priority | unblocks | progress | age-days
    each: int
    cap: int
    say: str  # "{n}" is the fact
    points: tuple[int, ...] = ()  # instead of each: the points for 1, 2, 3 …


@frozen
class DriftRule:
    """``[[drift]]`` in drift.toml."""

    id: str
    when: Condition
    say: str
    at: Tag = field(default=Tag(""))  # the evidence whose source is shown
    severity: str = "warning"


@frozen
class CheckRule:
    """``[[check]]`` in checks.toml: how one kind of finding is shown. ``{name}`` in its words is filled in."""

    id: str  # of a finding, or of a kind: "drift"
    title: str  # stands above the findings of this row
    severity: str  # error | warning | info; "" = as the source of the finding says
    say: str
    hint: str = ""  # a command
    many: str = ""  # says several in one line: {n}, {names}, {first}
    fold: int = 3  # more remarks than this become one line
    codes: tuple[str, ...] = ()  # of problems of the input that are shown here
    layouts: tuple[str, ...] = ()  # looks only at documents of these; () = of all


@frozen
class FileRule:
    """One kind of file in a layout: the first pattern that matches a path gives its kind."""

    pattern: Expression  # on the path relative to the layout's root; groups date, slug, number, phase
    kind: str
    stage: str


@frozen
class Layout:
    """``[[layout]]`` in layouts.toml."""

    id: str
    title: str
    roots: tuple[str, ...]  # folders relative to the repository, globs allowed
    files: tuple[FileRule, ...]
    ignore: tuple[Expression, ...]  # never artifacts, on the path relative to the layout's root
    archive: tuple[Expression, ...]
    folder_is_feature: bool = False
    primary: tuple[str, ...] = ()  # kinds that make a workstream exist; others only join one
    at_least: int = 0  # fewer documents than this in a repository are no sign of this layout


@frozen
class Match:
    """What the path of an artifact says (observe/matching.py)."""

    layout: str
    kind: str
    stage: str
    slug: str
    stem: str
    date: date | None
    folder: str = ""
    number: str = ""
    phase: str = ""
    archived: bool = False


@frozen
class BranchPatterns:
    """``[branches]`` in layouts.toml."""

    slug: tuple[Expression, ...]  # group slug, optional date
    ignore: tuple[Expression, ...]  # never a workstream: release/*, dependabot/*, gh-pages


@frozen
class Word:
    """One row of words.toml: status words and what they claim."""

    claim: str
    start: Phrases  # the status begins so
    within: Phrases  # it stands anywhere in the status
    stages: frozenset[str] = frozenset()  # only in documents of these stages; empty = in all


@frozen
class Words:
    claims: tuple[Word, ...]
    placeholders: tuple[Expression, ...]
    fields: Mapping[str, str]  # header name as written (normalised) -> meaning: "plan", "depends-on", "status"
    headings: Mapping[str, str]  # section title (normalised) -> meaning: "depends-on", "related"
    suffixes: tuple[Expression, ...]  # role suffixes cut from a slug
    phase: tuple[Wild, ...]  # phase suffixes cut from a slug, group "phase"
    nothing: Phrases  # dependency values that mean none
    stage_suffixes: Mapping[str, Expression] = field(default_factory=dict)  # role suffixes by stage
    translate: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # stage -> claim -> claim
    kinds: frozenset[str] = frozenset()  # document kinds, met as a "status" and meaning nothing
    title_prefixes: tuple[str, ...] = ()
    title_suffixes: tuple[str, ...] = ()
    extensions: frozenset[str] = frozenset()  # of source files that may be named without a folder
    create: Phrases = field(default_factory=Phrases)  # words that mark a named file as new, folded
    modify: Phrases = field(default_factory=Phrases)  # words that mark it as one that exists
    mentions: frozenset[str] = frozenset()  # nouns before a number: "milestone 010"
    soft: Phrases = field(default_factory=Phrases)  # what makes a mere hint of a dependency
    around: Mapping[str, Phrases] = field(default_factory=dict)  # [mentions] of words.toml: before, after, ...
    known: dict[tuple[str, str], str] = field(default_factory=dict, compare=False, repr=False)  # see ``once``

    def once(self, kind: str, text: str, find: Callable[[str], str]) -> str:
        """What ``find`` says about a short text by these words; it is asked once: headings and statuses recur."""
        key = (kind, text)
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= MAX_KNOWN:
                self.known.clear()
            found = self.known[key] = find(text)
        return found


@frozen
class Rulebook:
    states: tuple[StateRow, ...]
    flags: tuple[FlagRow, ...]
    suggestions: tuple[SuggestionRule, ...]
    weights: tuple[WeightRule, ...]
    drift: tuple[DriftRule, ...]
    layouts: tuple[Layout, ...]
    branches: BranchPatterns
    words: Words
    phrases: Mapping[str, str] = field(default_factory=dict)  # [missing] in lifecycle.toml: tag -> words
    problems: tuple[Problem, ...] = ()
    digest: str = ""  # of all rule files read, for caches
    files: tuple[str, ...] = field(default=())
    checks: tuple[CheckRule, ...] = ()
    ignored_names: Expression | None = None  # files that are never documents, by their name
    ignored_folders: frozenset[str] = frozenset()  # folders (lower case) without documents
