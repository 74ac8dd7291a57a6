"""Random repositories of each layout at a realistic size, the fate of every feature known; built by fast-import."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from reconciler.demo.sealed import sealed_env

START = 1_767_260_000  # 2026-01-01
HOUR = 3600
FATES = {  # fate -> the states that a reader accepts
    "squashed": {"merged"},
    "merged": {"merged"},
    "direct": {"merged"},
    "archived": {"merged"},
    "flying": {"implementing", "in-review"},
    "hidden": {"implementing", "in-review"},  # its documents are on its branch alone
    "planned": {"ready", "planning"},
    "dropped": {"ready", "planning", "abandoned"},  # its branch was deleted unmerged
    "reverted": {"ready", "planning", "implementing", "abandoned"},
    "riding": {"ready", "planning"},  # its documents came with another feature's merge
}
WORDS = ("Draft", "Ready for Implementation", "In Progress", "✅ Complete", "Approved", "IMPLEMENTED", "plan", "TBD",
         "<Draft | Done>", "Phases 1-2 COMPLETE, Phase 3 Partial", "Proposed", "完了", "Done (2026-01-30)")  # fmt: skip
FIRST = ("amber", "brass", "cedar", "delta", "ember", "flint", "gravel", "harbour")
SECOND = ("gate", "lamp", "meter", "notes", "panel", "queue", "report", "search", "table")
GONE = ("squashed", "merged", "archived")  # some of their branches were deleted
Files = dict[str, str]


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature with its fate; ``id`` is what swarm has to call it."""

    id: str
    slug: str
    number: int
    fate: str
    branch: str
    sources: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Style:
    """How one layout writes a feature's documents."""

    name: Callable[[str, int], str]  # (slug, number) -> id
    branch: Callable[[str, int], str]
    papers: Callable[["Feature", str], Files]  # (feature, status) -> documents
    archive: Callable[[str], str] | None = None  # path -> where the layout puts what is done


@dataclass(slots=True)
class World:
    """A repository in the making: trees in memory, a stream for fast-import."""

    style: Style
    random: Random
    clock: int = START
    marks: int = 0
    out: list[str] = field(default_factory=list)
    tips: dict[str, tuple[int, Files]] = field(default_factory=dict)

    def commit(self, branch: str, message: str, files: Mapping[str, str | None], *, merged: int = 0) -> int:
        """A commit on ``branch``; None deletes a file; ``merged`` is the mark of a second parent."""
        parent, tree = self.tips.get(branch) or self.tips.get("main") or (0, {})
        self.clock += HOUR + self.random.randrange(HOUR)
        self.marks += 1
        text = f"commit refs/heads/{branch}\nmark :{self.marks}\ncommitter dev <dev@example.com> {self.clock} +0000\n"
        text += f"data {len(message.encode())}\n{message}\n"
        text += f"from :{parent}\n" if parent else ""
        text += f"merge :{merged}\n" if merged else ""
        new = dict(tree)
        for path, content in files.items():
            if content is None:
                new.pop(path, None)
                text += f'D "{path}"\n'
            else:
                new[path] = content
                text += f'M 100644 inline "{path}"\ndata {len(content.encode())}\n{content}\n'
        self.out.append(text)
        self.tips[branch] = (self.marks, new)
        return self.marks

    def fork(self, branch: str) -> None:
        self.tips[branch] = self.tips["main"]

    def land(self, feature: Feature, *, how: str) -> None:
        """Brings the branch's changes to main: ``squash`` or a merge commit."""
        mark, tree = self.tips[feature.branch]
        base = self.tips["main"][1]
        files = {p: t for p, t in tree.items() if base.get(p) != t and not p.startswith("noise/")}
        if how == "squash":
            self.commit("main", f"{feature.slug.replace('-', ' ').capitalize()} (#{feature.number})", files)
        else:
            self.commit("main", f"Merge branch '{feature.branch}'", files, merged=mark)


def build(folder: Path, style: Style, random: Random, *, count: int = 40, commits: int = 400) -> tuple[Feature, ...]:
    """A repository in ``folder`` with ``count`` features; what became of each."""
    world = World(style, random)
    features = _features(style, random, count)
    world.commit("main", "Start", {"README.md": "# World\n", "src/app.py": "app = 1\n", "noise/log.txt": "0\n"})
    waiting = [f for f in features if f.fate == "riding"]
    for feature in features:
        if feature.fate != "riding":
            _live(world, feature, waiting)
        _noise(world, random, commits // count - 3, features)
    for feature in waiting:  # nobody took them along
        world.commit("main", "Write down what else there is", _papers(world, feature))
    cleaned = {f.branch for f in features if f.fate in GONE and f.number % 2}
    _load(folder, world, gone=cleaned | {f.branch for f in features if f.fate == "dropped"})
    return features


def _features(style: Style, random: Random, count: int) -> tuple[Feature, ...]:
    slugs = [f"{a}-{b}" for a in FIRST for b in SECOND]
    slugs = random.sample(slugs, count - count // 8)
    slugs += [f"{slug}-{random.choice(['export', 'limits', 'again'])}" for slug in random.sample(slugs, count // 8)]
    random.shuffle(slugs)
    found = []
    for number, slug in enumerate(slugs, 1):
        fates = sorted(set(FATES) - ({"archived"} if style.archive is None else set()))
        module = slug.replace("-", "_")
        sources = (f"src/{module}/core.py", f"src/{module}/{module}_rules.py")
        name = style.name(slug, number)
        found.append(Feature(name, slug, number, random.choice(fates), style.branch(slug, number), sources))
    return tuple(found)


def _papers(world: World, feature: Feature) -> Files:
    papers = world.style.papers(feature, world.random.choice(WORDS))
    if feature.number % 7 == 0:  # long ones, as agents write them
        papers = {
            p: t + "\n" + "Text that says little.\n" * 6000 if p.endswith(".md") else t for p, t in papers.items()
        }
    if feature.number % 5 == 0:  # line ends of another system
        papers = {path: text.replace("\n", "\r\n") for path, text in papers.items()}
    return papers


def _source(feature: Feature, step: int) -> Files:
    path = feature.sources[step % 2]
    lines = "".join(f"def {feature.slug.replace('-', '_')}_{step}_{n}():\n    return {n}\n" for n in range(4))
    return {path: lines}


def _live(world: World, feature: Feature, waiting: list[Feature]) -> None:
    """From the first document to the feature's fate."""
    random = world.random
    papers = _papers(world, feature)
    if feature.fate == "planned":
        world.commit("main", f"docs: plan {feature.slug}", papers)
        return
    if feature.fate == "direct":
        world.commit("main", f"docs: plan {feature.slug}", papers)
        ticked = {path: text.replace("- [ ]", "- [x]", 1) for path, text in papers.items()}
        world.commit("main", f"feat: {feature.slug}", {**ticked, **_source(feature, 0), **_source(feature, 1)})
        return
    if feature.fate != "hidden":
        world.commit("main", f"docs: plan {feature.slug}", papers)
    world.fork(feature.branch)
    first = papers if feature.fate == "hidden" else {}
    world.commit(feature.branch, f"feat: {feature.slug}, first part", {**first, **_source(feature, 0)})
    if waiting and feature.fate in ("squashed", "merged") and random.random() < 0.4:
        rider = waiting.pop()
        world.commit(feature.branch, "docs: and an idea", _papers(world, rider))
    if random.random() < 0.4:
        world.commit("main", "chore: data", {"noise/log.txt": f"{world.clock}\n"})
        base = {p: t for p, t in world.tips["main"][1].items() if world.tips[feature.branch][1].get(p) != t}
        world.commit(feature.branch, "Merge branch 'main'", base, merged=world.tips["main"][0])
    world.commit(feature.branch, f"feat: {feature.slug}, second part", _source(feature, 1))
    if feature.fate in ("squashed", "merged", "archived", "reverted"):
        world.land(feature, how="squash" if feature.fate in ("squashed", "reverted") else "merge")
    if feature.fate == "reverted":
        _revert(world, feature)
    if feature.fate == "archived" and world.style.archive:
        moved = {world.style.archive(path): text for path, text in papers.items()}
        world.commit("main", "chore: archive", {**dict.fromkeys(papers), **moved})


def _revert(world: World, feature: Feature) -> None:
    """Takes back the newest commit of main as a hosting service says it: by number."""
    subject = f"{feature.slug.replace('-', ' ').capitalize()} (#{feature.number})"
    message = f'Revert "{subject}"\n\nReverts garden/world#{feature.number}\n'
    world.commit("main", message, dict.fromkeys(feature.sources))


def _noise(world: World, random: Random, count: int, features: tuple[Feature, ...]) -> None:
    for _ in range(count):
        tree = world.tips["main"][1]
        papers = sorted(p for p in tree if p.endswith(".md") and p != "README.md")
        kind = random.randrange(10)
        if kind == 0 and len(papers) > 8:
            chosen = random.sample(papers, 8)
            edits = {p: tree[p].replace("[ ]", "[x]", 1) + "\n" for p in chosen}
            world.commit("main", "commit files. oops", {**edits, "src/app.py": f"app = {world.clock}\n"})
        elif kind == 1 and papers:
            path = random.choice(papers)
            world.commit("main", "docs: wording", {path: tree[path] + "\nA remark.\n"})
        elif kind == 3:
            world.commit("main", "fix: start-up", {"src/app.py": f"app = {world.clock}\n"})
        elif kind == 4:
            sources = [p for p in sorted(tree) if p.startswith("src/") and p != "src/app.py"]
            chosen = random.sample(sources, min(3, len(sources)))
            world.commit("main", "refactor: names", {p: tree[p] + "# tidy\n" for p in chosen})
        elif kind == 2:
            world.commit("main", f"chore: about {random.choice(features).slug}", {"noise/log.txt": f"{world.clock}\n"})
        else:
            world.commit("main", "chore(data): update", {f"noise/{random.randrange(9)}.txt": f"{world.clock}\n"})


def _load(folder: Path, world: World, *, gone: set[str]) -> None:
    environment = sealed_env()

    def git(*words: str, data: bytes = b"") -> None:
        subprocess.run(["git", *words], input=data, check=True, env=environment, stdout=subprocess.DEVNULL)

    git("init", "-q", "-b", "main", str(folder))
    git("-C", str(folder), "fast-import", "--quiet", data="\n".join(world.out).encode())
    git("-C", str(folder), "checkout", "-q", "main")
    for branch in sorted(gone):
        git("-C", str(folder), "branch", "-q", "-D", branch)
