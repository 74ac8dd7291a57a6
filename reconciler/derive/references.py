"""Finds what a text refers to: a path by its suffix, a workstream by id, alias, title or number."""

import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

_ANCHOR = re.compile(r"[#?].*$|:\d+(?:[-:,]\d+)*$")
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_DATE = re.compile(r"^\d{4}-?\d{2}-?\d{2}[-_]")
_GAP = r"\s\-–—:,(\["  # tried from its first character only: a long one costs no more than its length
_PHASE_TAIL = re.compile(
    rf"(?<![{_GAP}])[{_GAP}]*\bphases?\s+[\w.]+(?:\s*(?:-|–|to|and|&|,)\s*[\w.]+)*\b.*$", re.IGNORECASE
)
_MARKS = "`'\"<>()[]{}*_ \t"


def tidy_target(target: str) -> str:
    """A path as written in a document, without marks, anchors and line numbers; POSIX separators."""
    text = target.strip(_MARKS).removeprefix("@").replace("\\", "/")
    text = re.sub(r"^file://", "", text)
    return _ANCHOR.sub("", text).strip(_MARKS)


def plain_title(title: str) -> str:
    """A title folded for comparison: words only, lower case, without a phase part at its end."""
    cut = _PHASE_TAIL.sub("", title) or title
    return " ".join(words(cut))


def words(text: str) -> tuple[str, ...]:
    """The words of a text, folded: NFKC, lower case, letters and digits."""
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def slugify(text: str) -> str:
    """A name in the form of a slug; "" when nothing is left."""
    return "-".join(words(text.replace("_", "-")))


def without_date(name: str) -> str:
    """A file or branch name without a leading date."""
    return _DATE.sub("", name)


class PathIndex:
    """Resolves paths as people write them against the paths that exist, by their common suffix."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self._paths):
            self._by_name[posixpath.basename(path)].append(path)

    def __contains__(self, path: str) -> bool:
        return path in self._paths

    def find(self, target: str, *, at: str = "") -> str | None:
        """The one path that ``target``, met in the file ``at``, can mean; None when none or several can."""
        wanted = tidy_target(target)
        if not wanted:
            return None
        for candidate in (wanted, posixpath.join(posixpath.dirname(at), wanted)):
            normal = posixpath.normpath(candidate)
            if normal in self._paths:
                return normal
        return self._by_suffix(posixpath.normpath(wanted))

    def _by_suffix(self, wanted: str) -> str | None:
        parts = [part for part in wanted.split("/") if part not in ("", ".", "..")]
        if not parts:
            return None
        names = self._by_name.get(parts[-1]) or self._by_name.get(parts[-1] + ".md") or []
        scored = sorted(((_common_tail(parts, name.split("/")), name) for name in names), reverse=True)
        if not scored or (len(scored) > 1 and scored[0][0] == scored[1][0]):
            return None
        best, name = scored[0]
        depth = name.count("/") + 1
        return name if best == len(parts) or best == depth or best >= 2 else None


def _common_tail(left: list[str], right: list[str]) -> int:
    count = 0
    for a, b in zip(reversed(left), reversed(right), strict=False):
        if a != b and a != b.removesuffix(".md"):
            break
        count += 1
    return count


class NameIndex:
    """Resolves names of workstreams: id, alias, title, number. A name that two of them bear means nothing."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._names: dict[str, set[str]] = defaultdict(set)
        self._titles: dict[str, set[str]] = defaultdict(set)

    def add(self, owner: str, *, names: Iterable[str], titles: Iterable[str] = ()) -> None:
        self._ids[owner] = owner
        for name in names:
            self._names[name.casefold()].add(owner)
        for title in titles:
            if len(parts := words(title)) > 1:
                self._titles[" ".join(parts)].add(owner)

    def find(self, text: str) -> str | None:
        """The one workstream that ``text`` names as a whole."""
        name = without_date(text.strip(_MARKS + ".,;:").removesuffix(".md")).casefold()
        if name in self._ids:
            return name
        return (
            _only(self._names, name) or _only(self._names, slugify(name)) or _only(self._titles, " ".join(words(text)))
        )

    def find_title(self, title: str) -> str | None:
        return _only(self._titles, " ".join(words(title)))


def _only(index: Mapping[str, set[str]], key: str) -> str | None:
    owners = index.get(key)
    return next(iter(owners)) if owners and len(owners) == 1 else None
