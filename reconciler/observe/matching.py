"""Answers for any path: is it a document of some layout, and what does its name say?"""

from collections import defaultdict

from reconciler.model import Slug
from reconciler.observe.names import phase_label, split_name, to_date
from reconciler.policy import FileRule, Layout, Match, Rulebook

MAX_PATH = 1024  # longer paths are not looked at: bounds the work on hostile names


class PathMatcher:
    """All layouts of a rulebook, indexed by the first folder of their roots."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._by_first: dict[str, list[tuple[str, Layout]]] = defaultdict(list)
        for layout in rulebook.layouts:
            for root in layout.roots:
                self._by_first[root.partition("/")[0]].append((f"{root}/", layout))
        self._folders = rulebook.ignored_folders

    def match(self, path: str) -> Match | None:
        """What the path is; None for everything that is not a document."""
        candidates = self._by_first.get(path.partition("/")[0])
        if candidates is None or len(path) > MAX_PATH:
            return None
        for prefix, layout in candidates:
            if path.startswith(prefix) and (found := self._in_layout(path, prefix, layout)):
                return found
        return None

    def _in_layout(self, path: str, prefix: str, layout: Layout) -> Match | None:
        inner = path[len(prefix) :]
        for rule in layout.files:
            found = rule.pattern.fullmatch(inner)
            if found is None:
                continue
            if self._is_ignored(inner, layout):
                return None
            parts = found.groupdict()
            end = found.end("slug")
            inside = inner[end : end + 1] == "/"
            folder = prefix + inner[:end] if inside else ""
            archived = any(a.fullmatch(inner) for a in layout.archive)
            return self._named(layout, rule, parts, folder=folder, archived=archived)
        return None

    def _is_ignored(self, inner: str, layout: Layout) -> bool:
        *folders, name = inner.split("/")
        names = self._rulebook.ignored_names
        return (
            (names is not None and names.fullmatch(name) is not None)
            or any(folder.casefold() in self._folders for folder in folders)
            or any(pattern.fullmatch(inner) for pattern in layout.ignore)
        )

    def _named(
        self,
        layout: Layout,
        rule: FileRule,
        parts: dict[str, str | None],
        *,
        folder: str,
        archived: bool,
    ) -> Match:
        words = self._rulebook.words
        slug = parts["slug"] or ""
        if folder:
            name = split_name(slug, stage="folder", phases=(), suffixes={})
        else:
            name = split_name(slug, stage=rule.stage, phases=words.phase, suffixes=words.stage_suffixes)
        day = name.date
        if digits := (parts.get("date") or "").replace("-", ""):
            day = to_date(digits[:4], digits[4:6], digits[6:])
        number = parts.get("number") or name.number
        return Match(
            layout.id,
            rule.kind,
            rule.stage,
            Slug(name.slug),
            f"{parts['number']}-{name.stem}" if parts.get("number") else name.stem,
            day,
            folder,
            number,
            phase_label(parts.get("phase") or name.phase),
            archived,
        )


_last: list[tuple[Rulebook, PathMatcher]] = []  # the matcher of the rulebook asked about last


def match_path(rulebook: Rulebook, path: str) -> Match | None:
    """What the path is by the layouts of ``rulebook``; None for everything that is not a document."""
    if not _last or _last[0][0] is not rulebook:
        _last[:] = [(rulebook, PathMatcher(rulebook))]
    return _last[0][1].match(path)
