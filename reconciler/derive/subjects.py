"""Commit subjects: the words and numbers in them, and whether they name a workstream."""

import re
from collections.abc import Mapping

from reconciler.derive.groups import Group
from reconciler.derive.references import words
from reconciler.frozen import frozen

_SCOPE = re.compile(r"^[a-z]+\(([^)]{1,40})\)!?:", re.IGNORECASE)
_KIND = re.compile(r"([a-z]{2,12})(?:\([^)]{1,40}\))?!?:", re.IGNORECASE)
_NUMBERS = re.compile(r"(?<![#\w.:])(\d{3,4})(?:\s*(?:-|–|to)\s*(\d{3,4}))?(?![\w.])")
_SAYS_LITTLE = """
    a add all an and as at bug bugfix bugfixes by change changes chore code design docs feat feature features fix
    fixes for from implement implementation implementing improve improvement improvements in initial into new of
    on or phase plan planning refactor refactoring remove spec support system task tasks test tests the to update
    updates use with
"""
_NO_WORK = frozenset(
    ("docs", "doc", "chore", "style", "test", "tests", "ci", "build", "refactor", "plan", "research", "spec", "wip")
)
_GENERIC = frozenset(_SAYS_LITTLE.split())
ENOUGH = 0.6  # of a name's weight must stand in a subject


@frozen
class Subject:
    words: frozenset[str]
    scope: frozenset[str]
    numbers: frozenset[str]
    kind: frozenset[str] = frozenset()  # "feat" of "feat(scope): ..."


def read_subject(text: str) -> Subject:
    """The words, the conventional scope and the three-digit numbers of a commit subject."""
    scope = _SCOPE.match(text)
    kind = _KIND.match(text)
    return Subject(
        frozenset(words(text)),
        frozenset(words(scope[1]) if scope else ()),
        _numbers(text),
        frozenset({kind[1].casefold()} if kind else ()),
    )


def _numbers(text: str) -> frozenset[str]:
    found: set[str] = set()
    for first, last in _NUMBERS.findall(text):
        found.add(first)
        if last and len(last) == len(first) and 0 < int(last) - int(first) <= 50:
            found.update(str(n).zfill(len(first)) for n in range(int(first), int(last) + 1))
    return frozenset(found)


def name_words(group: Group) -> tuple[frozenset[str], ...]:
    """The telling words of each name that a group has: its id, its slugs, its title."""
    names = {group.id, *(str(d.slug) for d in group.documents if d.stage in ("plan", "spec"))}
    sets = {frozenset(words(name.replace("-", " "))) - _GENERIC for name in (*names, group.title)}
    return tuple(sorted((s for s in sets if s), key=sorted))


def covers(subject: Subject, names: tuple[frozenset[str], ...], number: str, idf: Mapping[str, float]) -> bool:
    """Does the subject name the workstream: by its number, its scope, or most of a name's weight?"""
    if number and number in subject.numbers:
        return True
    return any(_covers(subject, name, idf) for name in names)


def is_about(subject: Subject, names: tuple[frozenset[str], ...]) -> bool:
    """Does the subject speak of work and bear all telling words of a name, two at least?"""
    return not (subject.kind & _NO_WORK) and any(len(name) >= 2 and name <= subject.words for name in names)


def _covers(subject: Subject, name: frozenset[str], idf: Mapping[str, float]) -> bool:
    if any(any(c.isdigit() for c in word) and word in subject.scope for word in name):
        return True
    total = sum(idf.get(word, 4.0) for word in name)
    common = [word for word in name if word in subject.words or any(_akin(word, w) for w in subject.words)]
    enough = sum(idf.get(word, 4.0) for word in common) / total >= ENOUGH
    return enough and (len(common) >= 2 or (len(name) == 1 and len(common[0]) >= 2))


def _akin(left: str, right: str) -> bool:
    """Two forms of one word: "decompose" and "decomposition", "test" and "testing"."""
    length = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        length += 1
    return length >= 4 and length / max(len(left), len(right)) >= 0.55
