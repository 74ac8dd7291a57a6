"""Readers for layouts.toml and words.toml: templates and phrases become compiled patterns."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar

from reconciler.observe.rows import Row
from reconciler.observe.templates import (
    MAX_OPEN,
    MAX_TEMPLATE,
    Lazy,
    TemplateError,
    compile_globs,
    compile_phrases,
    compile_template,
)
from reconciler.policy import BranchPatterns, Expression, FileRule, Layout, Phrases, Wild, Word, Words

T = TypeVar("T")
_AROUND = ("before", "after", "when", "then", "reverse", "never")
STAGES = ("research", "plan", "spec", "checkpoint", "validation", "review", "support")


def read_layout(row: Row) -> Layout:
    files = []
    has_folder = False
    for part in row.tables("files", name="files"):
        pattern = _compiled(part, "path", partial(_template, part))
        kind, stage = part.text("kind"), part.text("stage")
        if stage and stage not in STAGES:
            part.wrong.append(("stage", f"one of {', '.join(STAGES)}"))
        if pattern is not None and "slug" not in pattern.groups:
            part.wrong.append(("path", "a template with {slug}"))
        if pattern is not None:
            files.append(FileRule(pattern, kind, stage))
            has_folder = has_folder or "/" in part.text("path", "").partition("{slug}")[2]
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
        folder_is_feature=has_folder,
        primary=row.texts("primary", ("research", "plan", "spec", "tasks")),
        at_least=row.whole("at_least", 0),
    )


def _template(row: Row) -> Lazy:
    return compile_template(row.text("path"))


def _is_plain(root: str) -> bool:
    return root == "." or ("*" not in root and all(part not in ("", ".", "..") for part in root.split("/")))


def read_ignore(row: Row) -> tuple[Expression | None, frozenset[str]]:
    """(pattern on a file's name, names of folders) that are never documents."""
    names = _compiled(row, "names", lambda: compile_globs(row.texts("names", ())))
    return names, frozenset(name.casefold() for name in row.texts("folders", ()))


def read_branches(row: Row) -> BranchPatterns:
    slugs = [_compiled(row, "slug", partial(compile_template, t)) for t in row.texts("slug", ())]
    if any(p is not None and "slug" not in p.groups for p in slugs):
        row.wrong.append(("slug", "templates with {slug}"))
    return BranchPatterns(tuple(p for p in slugs if p is not None and "slug" in p.groups), _globs(row, "ignore"))


def read_word(row: Row) -> Word:
    row.text("id")
    return Word(
        row.text("claim"),
        _phrases(row, "start"),
        _phrases(row, "within"),
        frozenset(row.texts("stages", ())),
    )


def read_words(rows: Mapping[str, Row], claims: Iterable[Word]) -> Words:
    """All of words.toml; ``rows`` has one row per table, missing ones empty."""
    status, suffixes, files, mentions = (rows[k] for k in ("status", "suffixes", "files", "mentions"))
    placeholders = _compiled(status, "placeholders", lambda: _literal_globs(status.texts("placeholders", ())))
    roles: dict[str, Expression] = {
        stage: Lazy(rf"-(?:{'|'.join(sorted(map(_role, suffixes.texts(stage)), reverse=True))})\Z")
        for stage in suffixes.table
        if suffixes.texts(stage)
    }
    return Words(
        claims=tuple(claims),
        placeholders=(placeholders,) if placeholders else (),
        fields=_meanings(rows["fields"]),
        headings=_meanings(rows["headings"]),
        suffixes=tuple(roles.values()),
        phase=_phases(rows["phases"]),
        nothing=_phrases(rows["nothing"], "phrases"),
        soft=_phrases(rows["nothing"], "soft"),
        stage_suffixes=roles,
        translate=_translations(rows["translate"]),
        kinds=frozenset(folded(kind) for kind in status.texts("kinds", ())),
        title_prefixes=_longest_first(rows["titles"].texts("prefixes", ())),
        title_suffixes=_longest_first(rows["titles"].texts("suffixes", ())),
        extensions=frozenset(files.texts("extensions", ())),
        create=_phrases(files, "create"),
        modify=_phrases(files, "modify"),
        mentions=frozenset(noun.casefold() for noun in mentions.texts("nouns", ())),
        around={key: _phrases(mentions, key) for key in _AROUND},
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


def _phases(row: Row) -> tuple[Wild, ...]:
    number = r"\d+(?:\.\d+)*[a-z]?(?:-\d+(?:\.\d+)*)?"
    found = []
    for template in row.texts("templates", ()):
        before, placeholder, after = template.partition("{phase}")
        letter = "" if before[-1:].isalnum() else "|[a-z]"  # "moon-phases" is no phase S
        label = f"(?P<phase>{number}{letter})"
        expression = Lazy(f"{re.escape(before)}{label if placeholder else ''}{re.escape(after)}\\Z")
        found.append(Wild((before.casefold(), after.casefold()), expression))
    return tuple(found)


def _phrases(row: Row, key: str) -> Phrases:
    return _compiled(row, key, lambda: compile_phrases(row.texts(key, ()))) or Phrases()


def _literal_globs(globs: Iterable[str]) -> Expression | None:
    """Globs in which only ``*`` is special."""
    parts = [".{0,200}".join(re.escape(piece) for piece in glob.split("*")) for glob in globs]
    return Lazy(rf"\A(?:{'|'.join(parts)})\Z") if parts else None


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


def _globs(row: Row, key: str) -> tuple[Expression, ...]:
    pattern = _compiled(row, key, lambda: compile_globs(row.texts(key, ())))
    return (pattern,) if pattern is not None else ()


def _compiled(row: Row, key: str, compile_it: Callable[[], T]) -> T | None:
    try:
        return compile_it()
    except TemplateError as error:
        row.wrong.append((key, f"a usable template: {error}"))
        return None
