"""Replays a history written down as TOML with real git; the same text and dates give the same commit ids.

``[[step]]`` is a table of verbs, done in the order in which they stand (see VERBS); ``in`` names another work tree
for the step, ``date`` the time of its commits: a date, or "-2d 3h" counted back from the time of the replay.
Longer documents lie in a folder beside the file and are named, not repeated.
"""

import re
import shutil
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reconciler.demo.sealed import EPOCH, git
from reconciler.errors import NoRepository, SwarmError
from reconciler.frozen import frozen

_BACK = re.compile(r"-(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?")
_DAY = re.compile(r"\{(-\d+d)\}")
_AROUND = frozenset({"in", "date", "about"})
TEXTS = "tree"  # the folder of longer documents beside history.toml

Rewrite = Callable[[str, bytes], bytes]  # path and content of a document to what is written


def _as_it_is(_path: str, content: bytes) -> bytes:
    return content


@frozen
class Replayed:
    """A repository that was built: its root (the bare folder for a bare one) and its history file's content."""

    root: Path
    history: Mapping[str, Any]


@dataclass(slots=True)
class Player:
    """Where the replay stands: the repository, the work tree of this step, the time."""

    root: Path
    texts: Path
    now: datetime | None = None
    rewrite: Rewrite = _as_it_is
    at: datetime = EPOCH
    here: Path = field(default=Path())

    def git(self, *words: str) -> str:
        return git(self.here, *map(self.dated, words), at=self.at)

    def play(self, steps: Sequence[Mapping[str, Any]]) -> None:
        """Do all steps; a mistake names the number of its step."""
        for number, step in enumerate(steps, start=1):
            self.here = self.root / step.get("in", ".")
            self.at = self._date(step["date"]) if "date" in step else self.at + timedelta(minutes=30)
            for verb, value in step.items():
                if verb in _AROUND:
                    continue
                if verb not in VERBS:
                    raise SwarmError(f'step {number}: no verb "{verb}"', hint=f"one of {', '.join(VERBS)}")
                try:
                    VERBS[verb](self, value)
                except NoRepository:
                    raise
                except (SwarmError, OSError) as error:
                    raise SwarmError(f"step {number}, {verb}: {error}") from error

    def _date(self, value: object) -> datetime:
        if isinstance(value, datetime):
            return value.replace(tzinfo=value.tzinfo or UTC)
        match = _BACK.fullmatch(str(value))
        if match is None or self.now is None:
            raise SwarmError(f"not a date: {value}")
        days, hours, minutes = (int(part or 0) for part in match.groups())
        return self.now.replace(microsecond=0) - timedelta(days=days, hours=hours, minutes=minutes)

    def text_of(self, value: object) -> bytes:
        """The content that a ``write`` gives: text itself, or the name of a file among the longer ones."""
        if isinstance(value, Mapping):
            value = (self.texts / str(value["tree"])).read_text("utf-8", "surrogateescape")
        return self.dated(str(value)).encode("utf-8", "surrogateescape")

    def dated(self, text: str) -> str:
        """``{-2d}`` in a text or name as that day, where days are counted back; else unchanged."""
        if self.now is None:
            return text
        return _DAY.sub(lambda match: self._date(match[1]).date().isoformat(), text)

    def place(self, path: str) -> Path:
        """The file of ``path`` in the work tree of this step, its folder made."""
        target = self.here / self.dated(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        return target


def replay(
    file: Path,
    into: Path,
    *,
    name: str = "",
    now: datetime | None = None,
    rewrite: Rewrite = _as_it_is,
) -> Replayed:
    """Build the repository of the history ``file`` in ``into``/``name`` (default: the name of its folder).

    ``now`` is what times like "-2d" count back from; ``rewrite`` is done to every document on its way.
    """
    history = tomllib.loads(file.read_text("utf-8"))
    root = into / (name or file.parent.name)
    root.mkdir(parents=True)
    player = Player(root, file.parent / TEXTS, now, rewrite)
    player.here = root
    branch = history.get("repository", {}).get("branch", "main")
    player.git("init", "--quiet", f"--initial-branch={branch}")
    player.play(history["step"])
    return Replayed(player.root, history)


# -- files


def _write(player: Player, files: Mapping[str, object]) -> None:
    for path, value in files.items():
        player.place(path).write_bytes(player.rewrite(path, player.text_of(value)))


def _copy(player: Player, paths: Sequence[str]) -> None:
    """Files or folders of the longer texts, to the same path."""
    for path in paths:
        source = player.texts / path
        found = sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
        for file in found:
            name = file.relative_to(player.texts).as_posix()
            player.place(name).write_bytes(player.rewrite(name, file.read_bytes()))


def _code(player: Player, files: Mapping[str, Sequence[str]]) -> None:
    """Adds small functions with these names to source files."""
    for path, names in files.items():
        target = player.place(path)
        old = target.read_text("utf-8") if target.exists() else f'"""{target.stem.replace("_", " ")}."""\n'
        target.write_text(old + "".join(_function(name) for name in names), "utf-8")


def _function(name: str) -> str:
    words = name.replace("_", " ")
    return (
        f'\n\ndef {name}(state, *, strict=False):\n    """{words.capitalize()}."""\n    return state.{name}(strict)\n'
    )


def _edit(player: Player, files: Mapping[str, Mapping[str, str]]) -> None:
    for path, changes in files.items():
        target = player.place(path)
        text = target.read_text("utf-8")
        for old, new in changes.items():
            if old not in text:
                raise SwarmError(f'"{old}" is not in {path}')
            text = text.replace(old, new)
        target.write_text(text, "utf-8")


def _tick(player: Player, files: Mapping[str, int]) -> None:
    """Tick that many boxes of a document, from its top."""
    for path, count in files.items():
        target = player.place(path)
        target.write_text(target.read_text("utf-8").replace("- [ ]", "- [x]", count), "utf-8")


def _delete(player: Player, paths: Sequence[str]) -> None:
    for path in paths:
        target = player.here / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()


# -- commits and branches


def _commit(player: Player, message: str) -> None:
    player.git("add", "--all")
    player.git("commit", "--quiet", "--message", message)


def _branch(player: Player, value: str | Mapping[str, str]) -> None:
    """Create a branch and switch to it; ``{ name, from }`` for another start."""
    name, start = (value, "HEAD") if isinstance(value, str) else (value["name"], value["from"])
    player.git("switch", "--quiet", "--create", name, start)


def _merge(player: Player, value: str | Mapping[str, str]) -> None:
    """Merge a branch into the current one; ``how`` is no-ff (also the default), ff-only or squash."""
    options = {"branch": value} if isinstance(value, str) else value
    how, message = options.get("how", "no-ff"), options.get("message", "")
    words = ["--message", message] if message and how == "no-ff" else []
    player.git("merge", "--quiet", f"--{how}", *words, options["branch"])
    if how == "squash":
        player.git("commit", "--quiet", *(["--message", message] if message else ["--no-edit"]))


def _worktree(player: Player, value: Mapping[str, Any]) -> None:
    """``{ path, branch, from }`` or ``{ path, detach }``; a branch is created when ``from`` is given."""
    words = ["--quiet"]
    if "detach" in value:
        words += ["--detach", value["path"], value["detach"]]
    elif "from" in value:
        words += ["-b", value["branch"], value["path"], value["from"]]
    else:
        words += [value["path"], value["branch"]]
    player.git("worktree", "add", *words)


def _tag(player: Player, name: str) -> None:
    player.git("tag", name)


def _drop(player: Player, name: str) -> None:
    player.git("branch", "--quiet", "-D", name)


def _ref(player: Player, refs: Mapping[str, str]) -> None:
    """Point refs at revisions (remote-tracking ones, above all); a value "ref: X" makes a symbolic ref."""
    for name, value in refs.items():
        if value.startswith("ref: "):
            player.git("symbolic-ref", name, value.removeprefix("ref: "))
        else:
            player.git("update-ref", name, player.git("rev-parse", "--verify", value))


def _revert(player: Player, commit: str) -> None:
    """Revert a commit, a merge against its first parent."""
    parents = player.git("rev-list", "--parents", "--max-count=1", commit).split()[1:]
    player.git(
        "revert", "--no-edit", *(["--mainline", "1"] if len(parents) > 1 else []), player.git("rev-parse", commit)
    )


def _cherry_pick(player: Player, value: str | Mapping[str, Any]) -> None:
    """Pick a commit; ``{ commit, trace }`` to note where it came from."""
    commit, trace = (value, False) if isinstance(value, str) else (value["commit"], value.get("trace"))
    player.git("cherry-pick", *(["-x"] if trace else []), commit)


def _bare(player: Player, _: bool) -> None:
    """Turn the repository into a bare one beside its old place; it becomes the root."""
    root = player.root.with_name(f"{player.root.name}.git")
    shutil.move(player.root / ".git", root)
    shutil.rmtree(player.root)
    player.root = player.here = root
    player.git("config", "core.bare", "true")


def _link(player: Player, links: Mapping[str, str]) -> None:
    for path, target in links.items():
        player.place(path).symlink_to(target)


VERBS: Mapping[str, Callable[[Player, Any], object]] = {
    "write": _write,
    "copy": _copy,
    "code": _code,
    "edit": _edit,
    "tick": _tick,
    "delete": _delete,
    "link": _link,
    "commit": _commit,
    "branch": _branch,
    "checkout": lambda player, name: player.git("switch", "--quiet", name),
    "detach": lambda player, revision: player.git("switch", "--quiet", "--detach", revision),
    "orphan": lambda player, name: player.git("switch", "--quiet", "--orphan", name),
    "merge": _merge,
    "rebase": lambda player, onto: player.git("rebase", "--quiet", onto),
    "cherry-pick": _cherry_pick,
    "revert": _revert,
    "worktree": _worktree,
    "tag": _tag,
    "drop": _drop,
    "ref": _ref,
    "bare": _bare,
}
