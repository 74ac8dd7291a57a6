"""What swarm writes into a JSON settings file: hooks, an MCP server, a version; put in, and taken out again.

Hooks have one of two shapes: groups with a list ``hooks`` of commands (Claude Code, Codex, Gemini CLI), or plain
commands (Cursor, Copilot CLI). Both are read everywhere; which one is written, the host's row says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from reconciler.frozen import frozen
from reconciler.hosts.installs import jsonedit
from reconciler.hosts.installs.commands import hook_command, hook_of, is_server, mentions_hook
from reconciler.hosts.installs.jsonedit import Draft, Path
from reconciler.hosts.installs.jsontree import Node, at, line_of

_HOLDERS = ("hooks", "swarm")  # members of a file that hold events: the usual one, and Antigravity's named hook of ours
_SPOKEN = ("command", "bash", "powershell")  # where a host keeps a command line


class NotOurs(ValueError):
    """Something else stands where swarm would write. ``line``: where."""

    def __init__(self, message: str, line: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.hint = hint


@frozen
class Wanted:
    """What one file is to hold of ours."""

    host: str
    events: Mapping[str, Any] = field(default_factory=dict)  # event -> what is appended to its list
    under: str = "hooks"  # the member that holds the events
    first: Mapping[str, Any] = field(default_factory=dict)  # members the host wants in the file, such as a version
    server: Any = None  # of the MCP server; None = leave it as it is
    server_at: tuple[str, ...] = ()  # the objects that lead to it, its name last; () = not in this file


@frozen
class Edit:
    """A draft, and the keys (joined by /) of the objects and lists that were made for ours."""

    draft: Draft
    made: tuple[str, ...] = ()


@frozen
class _Hook:
    """A command of ours: in which event, at which path, the value of its text, and whether it is written as today."""

    event: str
    path: Path
    text: Path
    command: str

    def today(self, host: str) -> bool:
        return self.command == hook_command(host, self.event)


def present(root: Node | None, host: str) -> tuple[str, ...]:
    """The events for which this file calls swarm, one entry for each time it would fire."""
    if root is None:
        return ()
    found = []
    for event, path, _ in _commands(root):
        node = at(root, path)
        said = [child.node.text for child in node.children if child.key in _SPOKEN]
        found += [event] if any(hook_of(s, host) or mentions_hook(s, host) for s in said) else []
    return tuple(found)


def has_server(root: Node | None, where: tuple[str, ...]) -> bool:
    """Whether swarm's MCP server is registered here."""
    path = _path(root, where) if root and where else None
    return path is not None and root is not None and _is_our_server(at(root, path))


# -- putting in


def put_in(draft: Draft, wanted: Wanted) -> Edit:
    """Make every wanted hook be there once, and the server. Raises NotOurs, jsonedit.Unsafe, BadJson."""
    edit = Edit(draft)
    if draft.tree() is None:
        value: dict[str, Any] = dict(wanted.first)
        if wanted.events:
            value[wanted.under] = {event: [group] for event, group in wanted.events.items()}
        if wanted.server and wanted.server_at:
            value = _deep(value, wanted.server_at, wanted.server)
        return Edit(jsonedit.start(draft, value), ("*",)) if value else edit
    _check_shape(draft, wanted)
    edit = _converge(edit, wanted) if wanted.events else edit
    for event, group in wanted.events.items():
        if all(hook.event != event for hook in _ours(_tree(edit.draft), wanted.host)):
            edit = _add(edit, (wanted.under, event), "", group)
    for key, value in wanted.first.items():
        if _path(_tree(edit.draft), (key,)) is None:
            edit = _add(edit, (), key, value)
            edit = Edit(edit.draft, (*edit.made, key))
    return _put_server(edit, wanted)


def _deep(value: dict[str, Any], where: tuple[str, ...], leaf: Any) -> dict[str, Any]:
    key, *rest = where
    return {**value, key: _deep(dict(value.get(key, {})), tuple(rest), leaf) if rest else leaf}


def _check_shape(draft: Draft, wanted: Wanted) -> None:
    """Before anything is changed: what is there has the kinds that the host expects."""
    root = _tree(draft)
    _expect(draft, root, "object", "the file")
    hooks = root.member(wanted.under) if wanted.events else -1
    if hooks >= 0:
        node = root.children[hooks].node
        _expect(draft, node, "object", f'"{wanted.under}"')
        for event in wanted.events:
            index = node.member(event)
            if index >= 0:
                _expect(draft, node.children[index].node, "list", f'"{event}"')
    for key in wanted.server_at[:-1] if wanted.server else ():
        index = root.member(key)
        if index < 0:
            break
        root = root.children[index].node
        _expect(draft, root, "object", f'"{key}"')


def _expect(draft: Draft, node: Node, kind: str, what: str) -> None:
    if node.kind != kind:
        names = {"object": "an object", "list": "a list", "string": "a text", "scalar": "a plain value"}
        line = line_of(draft.text, node.start)
        raise NotOurs(f"{what} is {names[node.kind]}, where {names[kind]} was expected", line)


def _converge(edit: Edit, wanted: Wanted) -> Edit:
    """Keep one command for each event, the first that is written as today; older forms are brought up to date."""
    while True:
        tree = _tree(edit.draft)
        hooks = list(_ours(tree, wanted.host))
        kept: dict[str, _Hook] = {}
        for hook in sorted(hooks, key=lambda h: not h.today(wanted.host)):
            if hook.event in wanted.events and hook.path[:2] == _path(tree, (wanted.under, hook.event)):
                kept.setdefault(hook.event, hook)
        surplus = [hook for hook in hooks if kept.get(hook.event) is not hook]
        old = [hook for hook in kept.values() if not hook.today(wanted.host)]
        if surplus:
            made = () if surplus[-1].event in wanted.events else None
            edit = Edit(_without(edit.draft, surplus[-1], made), edit.made)
        elif old:
            command = hook_command(wanted.host, old[0].event)
            edit = Edit(jsonedit.replace(edit.draft, old[0].text, command), edit.made)
        else:
            return edit


def _add(edit: Edit, where: tuple[str, ...], key: str, value: Any) -> Edit:
    """Append to the list (or put into the object) at ``where``, making what leads there."""
    root = _tree(edit.draft)
    path: Path = ()
    for depth, name in enumerate(where):
        index = at(root, path).member(name)
        if index < 0:
            made = tuple("/".join(where[: n + 1]) for n in range(depth, len(where)))
            inner: Any = [value] if not key else {key: value}
            for outer in reversed(where[depth + 1 :]):
                inner = {outer: inner}
            return Edit(jsonedit.add(edit.draft, path, name, inner), (*edit.made, *made))
        path = (*path, index)
    return Edit(jsonedit.add(edit.draft, path, key, value), edit.made)


def _put_server(edit: Edit, wanted: Wanted) -> Edit:
    if not wanted.server or not wanted.server_at:
        return edit
    root = _tree(edit.draft)
    path = _path(root, wanted.server_at)
    if path is None:
        return _add(edit, wanted.server_at[:-1], wanted.server_at[-1], wanted.server)
    if not _is_our_server(at(root, path)):
        name = "/".join(wanted.server_at)
        line = line_of(edit.draft.text, at(root, path).start)
        raise NotOurs(f'"{name}" is another server', line, "install with --no-mcp, or rename it")
    return edit


# -- taking out


def take_out(draft: Draft, host: str, server_at: tuple[str, ...], made: tuple[str, ...] | None) -> Draft:
    """Take out every hook of ours and the server; of what holds them only what was made for them and is empty.

    ``made``: None when nobody remembers; then everything that becomes empty by this goes.
    """
    while draft.tree() is not None:
        hooks = list(_ours(_tree(draft), host))
        if not hooks:
            break
        draft = _without(draft, hooks[-1], made)
    root = draft.tree()
    if root is None or not server_at:
        return draft
    path = _path(root, server_at)
    if path is None or not _is_our_server(at(root, path)):
        return draft
    draft = jsonedit.remove(draft, path)
    return _without_empty(draft, server_at[:-1], path[:-1], made)


def take_out_first(draft: Draft, keys: tuple[str, ...]) -> Draft:
    """Take out members that were put in for the host's sake, such as a version."""
    for key in keys:
        root = draft.tree()
        path = _path(root, (key,)) if root else None
        if path is not None:
            draft = jsonedit.remove(draft, path)
    return draft


def _without(draft: Draft, hook: _Hook, made: tuple[str, ...] | None) -> Draft:
    """Without one command; its group goes with its last command, and what was made for it when it is empty."""
    root = _tree(draft)
    path = hook.path
    grouped = len(path) == 5  # hooks, event, group, its list, command
    if grouped and len(at(root, path[:-1]).children) == 1:
        path = path[:3]
    draft = jsonedit.remove(draft, path)
    holder = root.children[path[0]].key
    return _without_empty(draft, (holder, hook.event), path[:2], made) if len(path) == 3 else draft


def _without_empty(draft: Draft, names: tuple[str, ...], path: Path, made: tuple[str, ...] | None) -> Draft:
    while names and not at(_tree(draft), path).children and (made is None or "/".join(names) in made or "*" in made):
        draft = jsonedit.remove(draft, path)
        names, path = names[:-1], path[:-1]
    return draft


# -- looking


def _tree(draft: Draft) -> Node:
    root = draft.tree()
    assert root is not None  # looked at before
    return root


def _path(root: Node | None, names: tuple[str, ...]) -> Path | None:
    path: Path = ()
    for name in names:
        index = root.member(name) if root and root.kind == "object" else -1
        if root is None or index < 0:
            return None
        root, path = root.children[index].node, (*path, index)
    return path


def _commands(root: Node) -> Iterator[tuple[str, Path, Path]]:
    """Every command of every event: (event, path of the command, path of its group)."""
    for h, hooks in enumerate(root.children if root.kind == "object" else ()):
        if hooks.key not in _HOLDERS or hooks.node.kind != "object":
            continue
        for e, event in enumerate(hooks.node.children):
            for g, group in enumerate(event.node.children if event.node.kind == "list" else ()):
                inner = group.node.member("hooks") if group.node.kind == "object" else -1
                if inner < 0:
                    yield event.key, (h, e, g), (h, e, g)
                    continue
                listed = group.node.children[inner].node
                for c in range(len(listed.children) if listed.kind == "list" else 0):
                    yield event.key, (h, e, g, inner, c), (h, e, g)


def _ours(root: Node, host: str) -> Iterator[_Hook]:
    """The commands that are ours, in the order of the file."""
    for event, path, _ in _commands(root):
        node = at(root, path)
        for index, child in enumerate(node.children if node.kind == "object" else ()):
            if child.key in _SPOKEN and child.node.kind == "string" and hook_of(child.node.text, host):
                yield _Hook(event, path, (*path, index), child.node.text)
                break


def _is_our_server(node: Node) -> bool:
    """Whether it starts ``swarm mcp``: a command with arguments, or one list of words."""
    parts = {child.key: child.node for child in node.children}
    command, arguments = parts.get("command"), parts.get("args")
    words: list[str] = []
    for part in (command, arguments):
        if part is not None and part.kind == "string":
            words.append(part.text)
        elif part is not None and part.kind == "list":
            words += [child.node.text for child in part.children]
    return is_server(words)
