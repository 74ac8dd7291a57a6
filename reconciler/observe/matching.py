"""Answers for any path: is it a document of some layout, and what does its name say?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconciler.model import Problem, Slug
from reconciler.observe.names import phase_label, split_name, to_date
from reconciler.observe.rows import nearest
from reconciler.observe.templates import TemplateError, compile_globs
from reconciler.policy import Expression, FileRule, Layout, Match, Rulebook
from reconciler.printable import printable

MAX_PATH = 1024  # longer paths are not looked at: bounds the work on hostile names


class PathMatcher:
    """All layouts of a rulebook, indexed by the first folder of their roots."""

    def __init__(
        self,
        rulebook: Rulebook,
        *,
        exclude: Sequence[str] = (),
        layouts: Sequence[str] = (),
        links: Mapping[str, str] | None = None,
    ) -> None:
        """``links``: folder -> the root of a layout that leads there by a link; its files count as the root's."""
        self._rulebook = rulebook
        self._links = tuple((links or {}).items())
        self.problems: tuple[Problem, ...] = ()
        self._by_first: dict[str, list[tuple[str, Layout]]] = defaultdict(list)
        self._anywhere: list[tuple[str, Layout]] = []
        for layout in self._chosen(layouts):
            for root in layout.roots:
                if root == ".":
                    self._anywhere.append(("", layout))
                else:
                    self._by_first[root.partition("/")[0]].append((f"{root}/", layout))
        self._folders = rulebook.ignored_folders
        self._excluded = self._compile(exclude)

    @property
    def roots(self) -> tuple[str, ...]:
        """The folders that can hold documents, none inside another one; layouts for any folder name none."""
        named = {prefix for pairs in self._by_first.values() for prefix, _ in pairs}
        roots = sorted(named | {f"{folder}/" for folder, _ in self._links})
        kept = [root for root in roots if not any(root != other and root.startswith(other) for other in roots)]
        return tuple(root.rstrip("/") for root in kept)

    def _chosen(self, ids: Sequence[str]) -> tuple[Layout, ...]:
        if not ids:
            return self._rulebook.layouts
        known = {layout.id for layout in self._rulebook.layouts}
        for name in ids:
            if name not in known:
                self._complain(f"layouts: {name!r}: {nearest(name, known, thing='layout')}")
        chosen = tuple(layout for layout in self._rulebook.layouts if layout.id in ids)
        return chosen or self._rulebook.layouts  # a slip of the pen hides nobody

    def _compile(self, exclude: Sequence[str]) -> Expression | None:
        globs: list[str] = []
        for glob in exclude:
            plain = glob.removeprefix("./").rstrip("/")
            try:
                compile_globs([plain])
            except TemplateError as error:
                self._complain(f"exclude: {glob!r}: expected a folder or glob: {error}")
            else:
                globs += [plain, f"{plain}/**"]
        return compile_globs(globs)

    def _complain(self, message: str) -> None:
        self.problems += (Problem("bad-config", printable(message, limit=300)),)

    @property
    def looks_anywhere(self) -> bool:
        """Whether some layout has no folder of its own."""
        return bool(self._anywhere)

    def match(self, path: str) -> Match | None:
        """What the path is; None for everything that is not a document."""
        for folder, root in self._links:
            if path.startswith(f"{folder}/") and (found := self._match(root + path[len(folder) :])):
                inside = found.folder.removeprefix(root)
                return replace(found, folder=folder + inside if found.folder else "")
        return self._match(path)

    def _match(self, path: str) -> Match | None:
        candidates = self._by_first.get(path.partition("/")[0], [])
        if self._anywhere and path.endswith(".md") and path[path.rfind("/") + 1 :][:4].isdigit():
            candidates = [*candidates, *self._anywhere]
        if not candidates or len(path) > MAX_PATH:
            return None
        for prefix, layout in candidates:
            if path.startswith(prefix) and (found := self._in_layout(path, prefix, layout)):
                return None if self._excluded and self._excluded.fullmatch(path) else found
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
