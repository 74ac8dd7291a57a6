"""What can happen to a repository, one verb each; a verb that git refuses changes nothing."""

import os
import random
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.gitrepo import GitBuilder

SLUGS = ("fog", "maps", "ships", "trade")
KINDS = ("plans", "research", "reviews", "validations", "checkpoints")
BRANCHES = tuple(f"feature/{slug}" for slug in SLUGS)
HEADS = (
    "# Plan: {0}\n\n**Status**: Draft\n",
    "---\nstatus: complete\ndepends_on: [{1}]\n---\n# {0}\n",
    "# {0}\n\n**Depends on**: {1}\n**Branch**: feature/{1}\n",
    "---\nfeature: {1}\n---\n# Review: {0}\n",
    "# {0}\n\n**Research**: .swarm/research/2026-03-02-{1}.md\n",
    "---\nstatus: [broken\n---\n# {0}\n",
)
BODY = "\n## Phase 1: Core\n\n- [{0}] write `src/{1}.py`\n\n## Phase 2: Edges\n\n- [{2}] test `src/{1}_edge.py` (new)\n"
INTENTS = (
    "priority: 1\n",
    "status: shelved\n",
    "status: abandoned\n",
    "depends_on: [{1}]\n",
    "parent: {1}\n",
    "tags: [a]\n",
)
CONFIGS = (
    "",
    "archive_after = 1\n",
    'base = "feature/fog"\n',
    'exclude = ["research/*"]\n',
    "nonsense = 1\n",
    "= torn",
)
RULES = ("", '[branches]\nignore = ["feature/maps"]\n', '[branches]\npatterns = ["feature/{slug}", "x/{slug}"]\n')
PAST = timedelta(days=90)


WORDS: tuple[Callable[[bytes], bytes], ...] = (
    lambda text: text + b"One more line.\n",
    lambda text: text + b"- [ ] one more\n",
    lambda text: text.replace(b"\n## ", b"\nA line in between.\n\n## ", 1),
    lambda text: text.replace(b"- [ ]", b"- [x]", 1),
    lambda text: text.replace(b"- [x]", b"- [ ]", 1),
    lambda text: text.replace(b": Draft", b": Complete").replace(b": Ready", b": Draft"),
    lambda text: text + b"\n## Dependencies\n\n- fog\n",
)


class World:
    """A repository with linked work trees, below ``top``."""

    def __init__(self, top: Path) -> None:
        self.top = top
        begun = datetime.now(UTC).replace(microsecond=0) - timedelta(days=29)  # nothing is archived by the clock here
        self.repo = GitBuilder(top / "civ", now=begun)
        self.repo.write(".gitignore", ".swarm/*.json\n.swarm/archive/\n.swarm/schemas/\n")
        self.repo.commit(
            "Start", {"src/app.py": "app = 1\n", ".swarm/plans/2026-03-02-fog.md": document(0, 0, "fog", "maps")}
        )
        self.count = 0

    @property
    def common(self) -> Path:
        return self.repo.path / ".git"

    def trees(self) -> list[GitBuilder]:
        """The main work tree and those linked ones that are there."""
        linked = sorted(p for p in self.top.glob("tree-*") if (p / ".git").exists())
        return [self.repo, *(GitBuilder(path, init=False, now=self.repo.now) for path in linked)]

    def tree(self, number: int) -> GitBuilder:
        trees = self.trees()
        return trees[number % len(trees)]

    # -- documents

    def write(self, tree: int, kind: str, slug: str, other: str, head: int, done: int) -> None:
        path = f".swarm/{kind}/2026-03-02-{slug}.md"
        if (self.tree(tree).path / path).is_symlink():
            (self.tree(tree).path / path).unlink()  # it may lead nowhere
        self.tree(tree).write(path, document(head, done, slug, other))

    def same_size(self, tree: int, kind: str, slug: str) -> None:
        """An edit that only the time stamp tells, and that keeps even that when it can."""
        path = self.tree(tree).path / f".swarm/{kind}/2026-03-02-{slug}.md"
        if not path.is_file():
            return
        before = path.stat()
        data = path.read_bytes()
        path.write_bytes(data.replace(b"[x]", b"[_]").replace(b"[ ]", b"[x]").replace(b"[_]", b"[ ]"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def word(self, tree: int, number: int, how: int) -> Path | None:
        """A few words more or others in one of the documents that are there; which one."""
        paths = [path for path in sorted(self.tree(tree).path.glob(".swarm/*/*.md")) if not path.is_symlink()]
        if not paths:
            return None
        path = paths[number % len(paths)]
        path.write_bytes(WORDS[how % len(WORDS)](path.read_bytes()))
        return path

    def remove(self, tree: int, kind: str, slug: str) -> None:
        (self.tree(tree).path / f".swarm/{kind}/2026-03-02-{slug}.md").unlink(missing_ok=True)

    def move(self, tree: int, kind: str, slug: str, to: str) -> None:
        folder = self.tree(tree).path / ".swarm"
        with suppress(OSError):
            (folder / to).mkdir(parents=True, exist_ok=True)
            (folder / kind / f"2026-03-02-{slug}.md").replace(folder / to / f"2026-03-02-{slug}.md")

    def swap(self, tree: int, one: str, other: str) -> None:
        """Two documents change their names: sizes and blobs are the same, places are not."""
        folder = self.tree(tree).path / ".swarm/plans"
        first, second = folder / f"2026-03-02-{one}.md", folder / f"2026-03-02-{other}.md"
        if first.is_file() and second.is_file() and one != other:
            first.replace(folder / "x")
            second.replace(first)
            (folder / "x").replace(second)

    def link(self, tree: int, slug: str, target: str) -> None:
        folder = self.tree(tree).path / ".swarm/plans"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"2026-03-02-{slug}.md"
        path.unlink(missing_ok=True)
        path.symlink_to(f"../research/2026-03-02-{target}.md")

    def intent(self, slug: str, other: str, words: int) -> None:
        text = INTENTS[words].format(slug, other)
        self.repo.write(f".swarm/queue/2026-03-02-{slug}.md", f"---\ntitle: {slug} idea\n{text}---\nWhy not.\n")

    def configure(self, number: int) -> None:
        self.repo.write(".swarm/config.toml", CONFIGS[number])

    def rule(self, number: int) -> None:
        self.repo.write(".swarm/rules/layouts.toml", RULES[number])

    def away(self) -> None:
        """``.swarm`` is renamed away, or back."""
        here, there = self.repo.path / ".swarm", self.repo.path / "away"
        with suppress(OSError):
            if there.exists():
                shutil.rmtree(here, ignore_errors=True)
                there.rename(here)
            else:
                here.rename(there)

    # -- git

    def source(self, tree: int, slug: str) -> None:
        self.count += 1
        self.tree(tree).write(f"src/{slug}.py", f"{slug} = {self.count}\n")

    def commit(self, tree: int, slug: str, *, old: bool) -> None:
        where = self.tree(tree)
        self._tick(where)
        if old:
            where.now -= PAST
        where.git("add", "--all", check=False)
        where.git("commit", "-q", "--no-verify", "-m", f"Work on {slug}", check=False)

    def branch(self, name: str, at: str) -> None:
        self._git("branch", "--no-track", name, at)

    def delete(self, name: str) -> None:
        self._git("branch", "-q", "-D", name)

    def checkout(self, tree: int, name: str) -> None:
        self.tree(tree).git("checkout", "-q", name, check=False)

    def merge(self, name: str, how: str) -> None:
        """Into what the main work tree has checked out; a conflict is given up."""
        if how == "squash":
            self._git("merge", "-q", "--squash", "-X", "theirs", name)
            self._git("commit", "-q", "--no-verify", "-m", f"{name} (#7)")
        elif how == "pick":
            self._git("cherry-pick", "-X", "theirs", name)
        elif how == "rebase":
            self._git("rebase", "-q", name)
        else:
            self._git("merge", "-q", f"--{how}", "--no-edit", "-X", "theirs", name)
        for words in (
            ("merge", "--abort"),
            ("cherry-pick", "--abort"),
            ("rebase", "--abort"),
            ("reset", "-q", "--merge"),
        ):
            self._git(*words)

    def revert(self) -> None:
        parents = self._git("rev-list", "--parents", "-n1", "HEAD").split()
        self._git("revert", "--no-edit", *(["-m", "1"] if len(parents) > 2 else []), "HEAD")
        self._git("revert", "--abort")

    def reset(self, to: str) -> None:
        self._git("reset", "-q", "--hard", to)

    def amend(self) -> None:
        self._git("commit", "-q", "--amend", "--no-verify", "--no-edit")

    def remote(self, name: str, at: str) -> None:
        self._git("update-ref", f"refs/remotes/origin/{name}", at)

    def housekeeping(self, what: str) -> None:
        words = {"pack-refs": ("pack-refs", "--all"), "gc": ("gc", "-q", "--prune=now"), "prune": ("worktree", "prune")}
        self._git(*words.get(what, ("reflog", "expire", "--expire=all", "--all")))

    def worktree(self, slug: str) -> None:
        name = f"feature/{slug}"
        known = self._git("rev-parse", "-q", "--verify", f"refs/heads/{name}")
        place = str(self.top / f"tree-{slug}")
        self._git("worktree", "add", "-q", "--force", *([place, name] if known else ["-b", name, place]))

    def unworktree(self, slug: str, *, rudely: bool) -> None:
        path = self.top / f"tree-{slug}"
        if rudely:
            shutil.rmtree(path, ignore_errors=True)
        else:
            self._git("worktree", "remove", "--force", str(path))

    def _git(self, *words: str) -> str:
        self._tick(self.repo)
        return self.repo.git(*words, check=False)

    def _tick(self, where: GitBuilder) -> None:
        self.repo.now += timedelta(minutes=1)
        where.now = self.repo.now

    # -- our own files

    def lose(self, name: str) -> None:
        """Something deletes what swarm wrote or remembered; ``name`` below the main work tree."""
        path = self.repo.path / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def tear(self, name: str, dice: int) -> None:
        """A file below the git directory loses its end, a byte, or gets something more."""
        files = sorted(p for p in (self.common / "swarm/cache").glob("*") if p.is_file())
        if not files:
            return
        path = files[dice % len(files)]
        data = bytearray(path.read_bytes())
        if name == "cut":
            del data[len(data) * (dice % 7) // 7 :]
        elif name == "flip" and data:
            data[random.Random(dice).randrange(len(data))] ^= 1
        else:
            data += b"]"
        path.write_bytes(data)

    def settle(self) -> None:
        """Wait until the disk's clock has gone on: what is written from here on has another time stamp."""
        probe = self.top / "probe"
        probe.write_text("")
        before = probe.stat().st_mtime_ns
        while probe.stat().st_mtime_ns == before:
            time.sleep(0.001)
            probe.write_text("")


def document(head: int, done: int, slug: str, other: str) -> str:
    """One of a few texts."""
    return HEADS[head].format(slug, other) + BODY.format("x" if done & 1 else " ", slug, "x" if done & 2 else " ")
