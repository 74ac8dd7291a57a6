"""The shapes of rules/*.toml once loaded. Values only; observe/rulebook.py reads them, derive/ uses them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from reconciler.model import Problem, State, Tag


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when every tag of ``all`` is there, one of ``any`` (if given), and none of ``none``."""

    all: frozenset[Tag] = frozenset()
    any: frozenset[Tag] = frozenset()
    none: frozenset[Tag] = frozenset()

    def holds(self, tags: frozenset[Tag]) -> bool:
        return self.all <= tags and (not self.any or bool(self.any & tags)) and not (self.none & tags)


@dataclass(frozen=True, slots=True)
class StateRule:
    """``[[state.rule]]`` in lifecycle.toml."""

    id: str
    state: State
    when: Condition
    say: str = ""  # "" = the detail of the strongest evidence that it names
    confidence: str = "high"


@dataclass(frozen=True, slots=True)
class StateRow:
    """``[[state]]`` in lifecycle.toml; the file's order is most advanced first."""

    name: State
    meaning: str
    glyph: str
    ascii: str
    style: str
    open: bool
    rules: tuple[StateRule, ...]


@dataclass(frozen=True, slots=True)
class FlagRow:
    """``[[flag]]`` in lifecycle.toml."""

    name: str
    meaning: str
    glyph: str
    ascii: str
    style: str
    attention: bool  # puts "!" in the margin


@dataclass(frozen=True, slots=True)
class SuggestionRule:
    """``[[suggestion]]`` in suggestions.toml; the first that holds gives the action."""

    id: str
    action: str
    when: Condition
    weight: int
    say: str
    command: str  # "{id}", "{branch}" and "{worktree}" are filled in


@dataclass(frozen=True, slots=True)
class WeightRule:
    """``[[weight]]`` in suggestions.toml: ``each`` points per unit of a numeric fact, at most ``cap``."""

    id: str
    fact: str  # priority | unblocks | progress | age-days
    each: int
    cap: int
    say: str  # "{n}" is the fact
    points: tuple[int, ...] = ()  # instead of each: the points for 1, 2, 3 …


@dataclass(frozen=True, slots=True)
class DriftRule:
    """``[[drift]]`` in drift.toml."""

    id: str
    when: Condition
    say: str
    at: Tag = Tag("")  # the evidence whose source is shown
    severity: str = "warning"


@dataclass(frozen=True, slots=True)
class FileRule:
    """One kind of file in a layout: the first pattern that matches a path gives its kind."""

    pattern: re.Pattern[str]  # on the path relative to the layout's root; groups date, slug, number, phase
    kind: str
    stage: str


@dataclass(frozen=True, slots=True)
class Layout:
    """``[[layout]]`` in layouts.toml."""

    id: str
    title: str
    roots: tuple[str, ...]  # folders relative to the repository, globs allowed
    files: tuple[FileRule, ...]
    ignore: tuple[re.Pattern[str], ...]  # never artifacts, on the path relative to the layout's root
    archive: tuple[re.Pattern[str], ...]
    folder_is_feature: bool = False
    primary: tuple[str, ...] = ()  # kinds that make a workstream exist; others only join one
    at_least: int = 0  # fewer documents than this in a repository are no sign of this layout


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class BranchPatterns:
    """``[branches]`` in layouts.toml."""

    slug: tuple[re.Pattern[str], ...]  # group slug, optional date
    ignore: tuple[re.Pattern[str], ...]  # never a workstream: release/*, dependabot/*, gh-pages


@dataclass(frozen=True, slots=True)
class Word:
    """One row of words.toml: status words and what they claim."""

    claim: str
    pattern: re.Pattern[str]
    stages: frozenset[str] = frozenset()  # only in documents of these stages; empty = in all
    anywhere: bool = False  # the pattern may begin in the middle of the status


@dataclass(frozen=True, slots=True)
class Words:
    claims: tuple[Word, ...]
    placeholders: tuple[re.Pattern[str], ...]
    fields: Mapping[str, str]  # header name as written (normalised) -> meaning: "plan", "depends-on", "status"
    headings: Mapping[str, str]  # section title (normalised) -> meaning: "depends-on", "related"
    suffixes: tuple[re.Pattern[str], ...]  # role suffixes cut from a slug
    phase: tuple[re.Pattern[str], ...]  # phase suffixes cut from a slug, group "phase"
    nothing: tuple[re.Pattern[str], ...]  # dependency values that mean none
    stage_suffixes: Mapping[str, re.Pattern[str]] = field(default_factory=dict)  # role suffixes by stage
    translate: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # stage -> claim -> claim
    kinds: frozenset[str] = frozenset()  # document kinds, met as a "status" and meaning nothing
    title_prefixes: tuple[str, ...] = ()
    title_suffixes: tuple[str, ...] = ()
    extensions: frozenset[str] = frozenset()  # of source files that may be named without a folder
    create: re.Pattern[str] | None = None  # words that mark a named file as new
    hard: re.Pattern[str] | None = None  # words of a sentence that make a mention a dependency
    mentions: re.Pattern[str] | None = None  # nouns before a number: "milestone 010"


@dataclass(frozen=True, slots=True)
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
    ignored_names: re.Pattern[str] | None = None  # files that are never documents, by their name
    ignored_folders: frozenset[str] = frozenset()  # folders (lower case) without documents
