"""The view for other programs: JSON, Markdown, Mermaid, Graphviz dot, todo.txt and CSV, as pure functions."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias
from urllib.parse import quote

from reconciler.model import View, Workstream, WorkstreamId
from reconciler.printable import printable
from reconciler.publish.projections import to_json, workstreams_document
from reconciler.publish.rows import day, moment

Export: TypeAlias = Callable[[View, bool], bytes]

COLUMNS = (
    "id", "title", "type", "status", "priority", "phase", "parent", "dependencies", "blockedBy", "tags", "branch",
    "created", "updated", "mergedAt", "reason",
)  # fmt: skip
_FORMULA = tuple("=+-@\t\r\n")
_FORMULA_WIDE = ("＝", "＋", "－", "＠")
_ARROWS = {"blocks": "-->", "informs": "-.->", "conflicts": "x--x", "parent": "---"}
_STYLES = {"informs": "style=dashed", "conflicts": 'dir=none, color="red"', "parent": "arrowhead=odiamond"}
_LATE = datetime(1, 1, 1, tzinfo=UTC)  # so early a "now" that nothing is archived yet
_PLAIN_TAG = re.compile(r"@?[^\W\d_][\w./-]*")
_DATED_TAG = re.compile(r"(?:due|t|rec):[^\s:]\S*")
_SPECIAL_WORD = re.compile(
    r"[+@]\S+|(?:id|title|dep|informs|conflicts|parent|p|type|status|tag|pri|phases|due|t|rec):\S+"
)
_SPECIAL_START = re.compile(r"x |\([A-Z]\) |\d{4}-\d{2}-\d{2} |#")


def export_json(view: View, everything: bool) -> bytes:
    """The document of ``workstreams.json``; without ``everything`` only what is open."""
    document = workstreams_document(view, all=True, now=_LATE)
    wanted = {stream.id for stream in chosen(view, everything)}
    rows = [row for row in document["workstreams"] if row["id"] in wanted]
    return to_json({**document, "workstreams": rows})


def export_markdown(view: View, everything: bool) -> bytes:
    """A list with boxes for each state, most advanced first."""
    lines = [f"# {markdown(view.name)}", ""]
    if view.base:
        lines += [f"{markdown(view.base.branch)} at {view.base.commit[:7]}", ""]
    streams = chosen(view, everything)
    for state in _states(view, streams):
        lines += [f"## {markdown(state)}", ""]
        lines += [_markdown_row(stream) for stream in streams if stream.state == state]
        lines.append("")
    return _bytes(lines)


def export_mermaid(view: View, everything: bool) -> bytes:
    """A flow chart: the blocker points at what waits for it."""
    nodes, edges, streams = _graph(view, everything)
    lines = ["flowchart LR"]
    for id, name in nodes.items():
        lines.append(f'  {name}["{_quoted(_label(id, streams), _mermaid_char)}"]')
    lines += [f"  {nodes[a]} {_ARROWS.get(kind, '-.->')} {nodes[b]}" for a, b, kind in edges]
    return _bytes(lines)


def export_dot(view: View, everything: bool) -> bytes:
    """The same graph for Graphviz."""
    nodes, edges, streams = _graph(view, everything)
    lines = ["digraph swarm {", "  rankdir=LR;"]
    for id, name in nodes.items():
        lines.append(f'  {name} [label="{_quoted(_label(id, streams), _dot_char)}"];')
    for start, end, kind in edges:
        style = f" [{_STYLES[kind]}]" if kind in _STYLES else ""
        lines.append(f"  {nodes[start]} -> {nodes[end]}{style};")
    return _bytes([*lines, "}"])


def export_todo(view: View, everything: bool) -> bytes:
    """todo.txt, one line each; ``swarm import`` reads the same ids, titles, priorities, tags and relations back."""
    return _bytes([_todo_line(stream) for stream in chosen(view, everything)])


def export_csv(view: View, everything: bool) -> bytes:
    """RFC 4180 with a header; no cell begins with a sign that a spreadsheet takes for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for stream in chosen(view, everything):
        writer.writerow([_cell(value) for value in _values(stream)])
    return out.getvalue().encode("utf-8", "backslashreplace")


FORMATS: Mapping[str, Export] = {
    "json": export_json,
    "markdown": export_markdown,
    "mermaid": export_mermaid,
    "dot": export_dot,
    "todo": export_todo,
    "csv": export_csv,
}


def chosen(view: View, everything: bool) -> tuple[Workstream, ...]:
    """The open workstreams, or all, sorted by id."""
    over = {str(word.name) for word in view.words if not word.open} or {"merged", "abandoned"}
    return tuple(s for s in sorted(view.workstreams, key=lambda s: s.id) if everything or s.state not in over)


# -- below: Markdown


def _markdown_row(stream: Workstream) -> str:
    box = "x" if stream.state == "merged" else " "
    words = [f"p{stream.priority}"] if stream.priority else []
    words += [f"phase {stream.phase_text}"] if stream.phase_text else []
    words += [f"blocked by {', '.join(stream.blocked_by)}"] if stream.blocked_by else []
    more = f" ({'; '.join(words)})" if words else ""
    return f"- [{box}] **{markdown(stream.id)}**: {markdown(stream.title + more)}"


def markdown(text: str) -> str:
    """One line in which nothing is markup, HTML, a link or a mention."""
    plain = printable(text)
    escaped = re.sub(r"([\\`*_{}\[\]()#+|~!])", r"\\\1", plain)
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    return re.sub(r"\b(https?|www|ftp|mailto)([:.])", r"\1<!-- -->\2", escaped, flags=re.IGNORECASE)


def _states(view: View, streams: Iterable[Workstream]) -> list[str]:
    met = {str(stream.state) for stream in streams}
    known = [str(word.name) for word in view.words if word.name in met]
    return known + sorted(met - set(known))


# -- below: graphs


def _graph(
    view: View, everything: bool
) -> tuple[dict[WorkstreamId, str], list[tuple[WorkstreamId, WorkstreamId, str]], dict[WorkstreamId, Workstream]]:
    """(id -> node name, edges sorted, workstreams)"""
    streams = {stream.id: stream for stream in view.workstreams}
    shown = {stream.id for stream in chosen(view, everything)}
    edges = sorted(edge for edge in _edges(view.workstreams) if edge[0] in shown or edge[1] in shown)
    ends = shown | {id for edge in edges for id in edge[:2]}
    return {id: f"n{number}" for number, id in enumerate(sorted(ends))}, edges, streams


def _edges(streams: Iterable[Workstream]) -> Iterator[tuple[WorkstreamId, WorkstreamId, str]]:
    found = set()
    for stream in streams:
        for relation in stream.relations:
            pair = (relation.target, stream.id)
            pair = (min(pair), max(pair)) if relation.type == "conflicts" else pair
            found.add((*pair, relation.type))
        found |= {(target, stream.id, "blocks") for target in stream.dependencies}
        if stream.parent:
            found.add((stream.parent, stream.id, "parent"))
    yield from found


def _label(id: WorkstreamId, streams: Mapping[WorkstreamId, Workstream]) -> str:
    return f"{id} ({streams[id].state})" if id in streams else f"{id} (unknown)"


def _quoted(text: str, each: Callable[[str], str]) -> str:
    return "".join(char if char.isalnum() or char in " -_./:,()" else each(char) for char in printable(text))


def _mermaid_char(char: str) -> str:
    return f"#{ord(char)};"


def _dot_char(char: str) -> str:
    return f"\\{char}" if char in '"\\' else char


# -- below: todo.txt


def _todo_line(stream: Workstream) -> str:
    start = ["x"] if stream.state in ("merged", "abandoned") else []
    merged = day(stream.merged_at.date()) if stream.merged_at and start else None
    created = day(stream.created)
    start += [f"({'ABCDE'[stream.priority - 1]})"] if stream.priority and not start else []
    start += [merged] if merged and created else []
    start += [created] if created else []
    title = " ".join(printable(stream.title).split()) or str(stream.id)
    words = [_visible(title), *map(_tag, stream.tags), f"id:{_token(stream.id)}"]
    words += [f"title:{_token(title)}"] if _visible(title) != title else []
    words += [f"type:{_token(stream.type)}"] if stream.type else []
    words += [f"parent:{_token(stream.parent)}"] if stream.parent else []
    words += [f"{name}:{_token(target)}" for name, target in _relations(stream)]
    words += [f"pri:{'ABCDE'[stream.priority - 1]}"] if stream.priority and start[:1] == ["x"] else []
    words += [f"status:{_token(stream.state)}"]
    return " ".join([*start, *(word for word in words if word)])


def _relations(stream: Workstream) -> list[tuple[str, str]]:
    found = [("dep", str(target)) for target in stream.dependencies]
    found += [(r.type, str(r.target)) for r in stream.relations if r.type in ("informs", "conflicts")]
    return sorted(set(found))


def _visible(title: str) -> str:
    """The title with no word that todo.txt takes for a mark."""
    words = [f"'{word}" if _SPECIAL_WORD.fullmatch(word) else word for word in title.split(" ")]
    text = " ".join(words)
    return f"'{text}" if _SPECIAL_START.match(f"{text} ") else text


def _tag(tag: str) -> str:
    if _DATED_TAG.fullmatch(tag):
        return tag
    if _PLAIN_TAG.fullmatch(tag):
        return tag if tag.startswith("@") else f"+{tag}"
    return f"tag:{_token(tag)}"


def _token(text: str) -> str:
    return quote(text.encode("utf-8", "backslashreplace"), safe="/-_.~")


# -- below: CSV


def _values(stream: Workstream) -> Sequence[str]:
    return (
        stream.id, stream.title, stream.type, stream.state, str(stream.priority or ""), stream.phase_text,
        stream.parent or "", " ".join(stream.dependencies), " ".join(stream.blocked_by), " ".join(stream.tags),
        stream.branch or "", day(stream.created) or "", moment(stream.updated) or "", moment(stream.merged_at) or "",
        stream.reason,
    )  # fmt: skip


def _cell(text: str) -> str:
    """A cell that no spreadsheet calculates: those that begin like a formula get an apostrophe in front."""
    plain = printable(text)
    start = plain.lstrip()
    return f"'{plain}" if start.startswith(_FORMULA) or start.startswith(_FORMULA_WIDE) else plain


def _bytes(lines: Iterable[str]) -> bytes:
    text = "\n".join(lines).rstrip("\n")
    return f"{text}\n".encode("utf-8", "backslashreplace") if text else b""
