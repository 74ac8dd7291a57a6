"""Readers for layouts.toml and words.toml: templates and phrases become compiled patterns."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar

from reconciler.observe.rows import Row
from reconciler.observe.templates import (
    MAX_OPEN,
    MAX_TEMPLATE,
    TemplateError,
    compile_globs,
    compile_phrases,
    compile_template,
)
from reconciler.policy import BranchPatterns, FileRule, Layout, Word, Words

T = TypeVar("T")
STAGES = ("research", "plan", "spec", "checkpoint", "validation", "review", "support")


def read_layout(row: Row) -> Layout:
    files = []
    for part in row.tables("files", name="files"):
        pattern = _compiled(part, "path", partial(_template, part))
        stage = part.text("stage")
        if stage and stage not in STAGES:
            part.wrong.append(("stage", f"one of {', '.join(STAGES)}"))
        if pattern is not None and "slug" not in pattern.groupindex:
            part.wrong.append(("path", "a template with {slug}"))
        if pattern is not None:
            files.append(FileRule(pattern, part.text("kind"), stage))
        row.absorb(part, f"{part.name.rpartition(', ')[2]}, ")
    roots = tuple(root.strip("/") for root in row.texts("roots"))
    if not roots or not all(_is_plain(root) for root in roots):
        row.wrong.append(("roots", "folders relative to the repository, without *, . or .."))
    return Layout(
        row.text("id"),
        row.text("title", ""),
        roots,
        tuple(files),
        _globs(row, "ignore"),
        _globs(row, "archive"),
        folder_is_feature=any("slug" in f.pattern.groupindex and _has_folder(f.pattern) for f in files),
        primary=row.texts("primary", ("research", "plan", "spec", "tasks")),
        at_least=row.whole("at_least", 0),
    )


def _template(row: Row) -> re.Pattern[str]:
    return compile_template(row.text("path"))


def _has_folder(pattern: re.Pattern[str]) -> bool:
    return "/" in pattern.pattern[pattern.pattern.index("(?P<slug>") + len("(?P<slug>[^/]+)") :]


def _is_plain(root: str) -> bool:
    return bool(root) and "*" not in root and all(part not in ("", ".", "..") for part in root.split("/"))


def read_ignore(row: Row) -> tuple[re.Pattern[str] | None, frozenset[str]]:
    """(pattern on a file's name, names of folders) that are never documents."""
    names = _compiled(row, "names", lambda: compile_globs(row.texts("names", ())))
    return names, frozenset(name.casefold() for name in row.texts("folders", ()))


def read_branches(row: Row) -> BranchPatterns:
    slugs = [_compiled(row, "slug", partial(compile_template, t)) for t in row.texts("slug", ())]
    if any(p is not None and "slug" not in p.groupindex for p in slugs):
        row.wrong.append(("slug", "templates with {slug}"))
    return BranchPatterns(tuple(p for p in slugs if p is not None and "slug" in p.groupindex), _globs(row, "ignore"))


def read_word(row: Row) -> tuple[Word, ...]:
    """The row's phrases as one or two patterns: those at the start, and those anywhere."""
    row.text("id")
    stages = frozenset(row.texts("stages", ()))
    start = _compiled(row, "start", lambda: compile_phrases(row.texts("start", ())))
    within = _compiled(row, "within", lambda: compile_phrases(row.texts("within", ())))
    claim = row.text("claim")
    found = ((start, False), (within, True))
    return tuple(Word(claim, pattern, stages, anywhere) for pattern, anywhere in found if pattern is not None)


def read_words(rows: Mapping[str, Row], claims: Iterable[Word]) -> Words:
    """All of words.toml; ``rows`` has one row per table, missing ones empty."""
    status, suffixes, files, mentions = (rows[k] for k in ("status", "suffixes", "files", "mentions"))
    placeholders = _compiled(status, "placeholders", lambda: _literal_globs(status.texts("placeholders", ())))
    roles = {
        stage: re.compile(rf"-(?:{'|'.join(sorted(map(_role, suffixes.texts(stage)), reverse=True))})$")
        for stage in suffixes.table
        if suffixes.texts(stage)
    }
    nothing = _compiled(rows["nothing"], "phrases", lambda: _exact(rows["nothing"].texts("phrases", ())))
    return Words(
        claims=tuple(claims),
        placeholders=(placeholders,) if placeholders else (),
        fields=_meanings(rows["fields"]),
        headings=_meanings(rows["headings"]),
        suffixes=tuple(roles.values()),
        phase=_phases(rows["phases"]),
        nothing=(nothing,) if nothing else (),
        stage_suffixes=roles,
        translate=_translations(rows["translate"]),
        kinds=frozenset(folded(kind) for kind in status.texts("kinds", ())),
        title_prefixes=_longest_first(rows["titles"].texts("prefixes", ())),
        title_suffixes=_longest_first(rows["titles"].texts("suffixes", ())),
        extensions=frozenset(files.texts("extensions", ())),
        create=_compiled(files, "create", lambda: compile_phrases(files.texts("create", ()))),
        hard=_compiled(mentions, "hard", lambda: compile_phrases(mentions.texts("hard", ()))),
        mentions=_compiled(mentions, "nouns", lambda: _nouns(mentions.texts("nouns", ()))),
    )


def folded(name: str) -> str:
    """A header name or section title folded for comparison: lower case, words joined by "-"."""
    return "-".join(name.replace("_", " ").replace("-", " ").casefold().split())


def _meanings(row: Row) -> dict[str, str]:
    return {folded(spelling): meaning for meaning in row.table for spelling in row.texts(meaning)}


def _translations(row: Row) -> dict[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for stage, table in row.table.items():
        row.known.add(stage)
        if isinstance(table, dict) and all(isinstance(v, str) for v in table.values()):
            found[stage] = dict(table)
        else:
            row.wrong.append((stage, 'a table like { draft = "research-open" }'))
    return found


def _phases(row: Row) -> tuple[re.Pattern[str], ...]:
    label = r"(?P<phase>\d+(?:\.\d+)*[a-z]?(?:-\d+(?:\.\d+)*)?|[a-z])"
    found = []
    for template in row.texts("templates", ()):
        before, placeholder, after = template.partition("{phase}")
        found.append(re.compile(f"{re.escape(before)}{label if placeholder else ''}{re.escape(after)}$", re.IGNORECASE))
    return tuple(found)


def _nouns(nouns: Iterable[str]) -> re.Pattern[str] | None:
    names = "|".join(re.escape(n) for n in sorted(nouns, reverse=True))
    return re.compile(rf"\b(?:{names})\b", re.IGNORECASE) if names else None


def _exact(phrases: Iterable[str]) -> re.Pattern[str]:
    options = "|".join(re.escape(p) for p in sorted(phrases, reverse=True))
    return re.compile(rf"\W*(?:{options})?(?:\W.*)?", re.IGNORECASE | re.DOTALL)


def _literal_globs(globs: Iterable[str]) -> re.Pattern[str] | None:
    """Globs in which only ``*`` is special."""
    parts = [".{0,200}".join(re.escape(piece) for piece in glob.split("*")) for glob in globs]
    return re.compile("|".join(parts), re.IGNORECASE | re.DOTALL) if parts else None


def check_list(table: str, key: str, values: Iterable[str]) -> str:
    """What is wrong with texts that a repository adds to a list; "" when nothing is."""
    try:
        for value in values:
            if len(value) > MAX_TEMPLATE or not value.isprintable() or value.count("*") > MAX_OPEN:
                return f"expected at most {MAX_TEMPLATE} printable characters and {MAX_OPEN} *"
            if table == "branches" and key == "slug" and "{slug}" not in value:
                return "expected a template with {slug}"
            if table in ("branches", "ignore"):
                compile_template(value)
            if table in ("files", "mentions"):
                compile_phrases([value])
    except TemplateError as error:
        return f"expected a usable template: {error}"
    return ""


def _role(name: str) -> str:
    return re.escape(name.replace(" ", "-"))


def _longest_first(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted((item.casefold() for item in items), key=lambda item: (-len(item), item)))


def _globs(row: Row, key: str) -> tuple[re.Pattern[str], ...]:
    pattern = _compiled(row, key, lambda: compile_globs(row.texts(key, ())))
    return (pattern,) if pattern is not None else ()


def _compiled(row: Row, key: str, compile_it: Callable[[], T]) -> T | None:
    try:
        return compile_it()
    except TemplateError as error:
        row.wrong.append((key, f"a usable template: {error}"))
        return None
