"""A repository and a home of its own, the settings that people have in them, and pictures of both."""

import json
import stat
from dataclasses import dataclass
from pathlib import Path

from reconciler.hosts.installs.places import Ground
from reconciler.hosts.installs.plan import file_of
from reconciler.hosts.installs.rows import Host, Piece, load_rows
from tests.coordination.commands import Said, World

HOSTS = {host.id: host for host in load_rows().hosts}
GOLDEN = Path(__file__).with_name("golden")

Tree = dict[str, tuple[str, int, bytes]]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody works: a repository, and a home beside it."""

    repo: World
    home: Path

    def swarm(self, *words: str, **more: str) -> Said:
        state = str(self.home / ".local/state")
        return self.repo.swarm(*words, HOME=str(self.home), XDG_STATE_HOME=state, **more)

    def ground(self, scope: str) -> Ground:
        if scope == "user":
            return Ground(scope, self.home / ".local/state", None, {"HOME": str(self.home)})
        return Ground(scope, self.repo.path / ".git", self.repo.path, {"HOME": str(self.home)})

    def file(self, host: str, piece: Piece) -> Path:
        return file_of(self.ground(piece.scope), HOSTS[host], piece)

    def picture(self) -> Tree:
        """Every file, folder and link that is not git's or swarm's own: kind, mode, content."""
        found: Tree = {}
        for top in (self.repo.path, self.home):
            for path in sorted(top.rglob("*")):
                if ".git" in path.relative_to(top).parts:
                    continue
                mode = stat.S_IMODE(path.lstat().st_mode)
                if path.is_symlink():
                    found[str(path)] = ("link", 0, str(path.readlink()).encode())
                elif path.is_dir():
                    found[str(path)] = ("folder", mode, b"")
                else:
                    found[str(path)] = ("file", mode, path.read_bytes())
        return found


def desk(folder: Path) -> Desk:
    """A new repository with one commit, and an empty home."""
    home = folder / "home"
    home.mkdir(parents=True)
    repo = World(folder / "repo")
    repo.commit("Start", {"a.txt": "a\n"})
    return Desk(repo, home)


def settings(host: Host, scope: str = "project") -> tuple[Piece, ...]:
    """The settings files of a host that are shared with people: hooks, and the server's where it is another."""
    found: dict[tuple[str, ...], Piece] = {}
    for piece in host.of(scope):
        if piece.kind in ("hooks", "server"):
            found.setdefault(piece.paths, piece)
    return tuple(found.values())


# -- what people have


def rich(piece: Piece) -> str:
    """Settings with foreign hooks in the same events, another server, and odd but valid things."""
    if piece.paths[0].endswith(".toml"):
        return _TOML
    if not piece.groups:
        at = piece.at[0]
        return json.dumps(
            {"$schema": "https://example.org/s.json", at: {"other": {"command": "npx"}}, "z": 1}, indent=4
        )
    first, second, *_ = piece.groups
    group = {"hooks": [{"type": "command", "command": "./mine.sh"}]}
    if "hooks" not in piece.groups[first]:
        group = {"command": "./mine.sh"}
    foreign = {
        **piece.first,
        "hooks": {first: [group, group], "Other": [group]},
        "model": "big",
        "env": {"TOKEN": "ключ"},
    }
    text = json.dumps(foreign, indent="\t", ensure_ascii=False)
    return text.replace('"model"', f'"twice": 1,\n\t"twice": 2,\n\t"{second} ": 1.50,\n\t"model"') + "\n"


def commented(piece: Piece) -> str:
    """Settings with remarks everywhere and commas at ends."""
    if piece.paths[0].endswith(".toml"):
        return _TOML.replace("\n", "\r\n") + "# the end"
    inner = piece.at[0] if not piece.groups else "hooks"
    start = '// mine\n{\n  /* one */ "a": [1, 2,], // two\n'
    return f'{start}  "{inner}": {{\n    // nothing yet\n  }},\n  // three\n}}\n// end'


def windows(piece: Piece) -> str:
    """With a byte order mark, CRLF and no line end at the end."""
    text = _TOML if piece.paths[0].endswith(".toml") else '{\n    "a": {\n        "b": []\n    }\n}'
    return "\ufeff" + text.rstrip("\n").replace("\n", "\r\n")


def minified(piece: Piece) -> str:
    return "a=1\nb={c=[1,2]}" if piece.paths[0].endswith(".toml") else '{"a":1,"b":{"c":[]}}'


_TOML = """\
# mine
model = "big"   # a remark
text = '''
[mcp_servers.swarm]
not a table'''

[mcp_servers.other]
command = "npx"
list = [
  "a", # ] [x]
  [1],
]

[[profiles]]
name = "p"
"""

CASES = {"rich": rich, "commented": commented, "windows": windows, "minified": minified,
         "empty": lambda _piece: "", "blank": lambda _piece: "\n\n"}  # fmt: skip
