"""Random worlds of several branches whose fates are known: never a wrong landed, never a wrong in flight."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gitrepo import GitBuilder
from tests.landing.test_scenarios import verdicts

Verdicts = frozenset[str]
LANDED: Verdicts = frozenset({"landed"})


class World:
    """A repository, the lines of its shared files, and what each branch must be called."""

    def __init__(self, path: Path, dice: random.Random) -> None:
        self.repo = GitBuilder(path)
        self.dice = dice
        self.truth: dict[str, Verdicts] = {}
        self.serial = 0
        self.repo.commit("Start", {f"shared{n}.py": self._lines() for n in range(3)})

    def _lines(self) -> str:
        return "".join(f"line {n}\n" for n in range(120))

    def edit(self) -> None:
        """Change a line of a shared file, far from where anybody else did, or add a file."""
        self.serial += 1
        if self.dice.random() < 0.6:
            name = f"shared{self.dice.randrange(3)}.py"
            lines = (self.repo.path / name).read_text().splitlines()
            lines[(self.serial * 7) % 120] = f"edit {self.serial}"
            self.repo.write(name, "\n".join(lines) + "\n")
        else:
            self.repo.write(f"new/{self.serial}.py", f"text {self.serial}\n" * self.dice.randrange(1, 9))

    def commit(self, message: str) -> None:
        for _ in range(self.dice.randrange(1, 4)):
            self.edit()
        self.repo.commit(message)

    def grow(self, name: str, count: int) -> None:
        for number in range(count):
            self.commit(f"{name}: step {number}")

    def base(self) -> None:
        self.repo.checkout("main")
        for _ in range(self.dice.randrange(0, 3)):
            self.commit("Base work")

    def begin(self, name: str) -> None:
        self.repo.checkout(name, new=True, at="main")
        self.grow(name, self.dice.randrange(1, 4))
        self.base()


def in_flight(world: World, name: str) -> Verdicts:
    return frozenset({"in-flight"})


def updated(world: World, name: str) -> Verdicts:
    world.repo.checkout(name)
    world.repo.git("merge", "-q", "--no-edit", "main")
    world.grow(name, world.dice.randrange(0, 2))
    return frozenset({"in-flight"})


def merged(world: World, name: str) -> Verdicts:
    world.repo.merge(name)
    return LANDED


def updated_and_squashed(world: World, name: str) -> Verdicts:
    updated(world, name)
    world.base()
    world.repo.squash(name, f"Add {name} (#{world.serial})")
    return LANDED


def squashed(world: World, name: str) -> Verdicts:
    world.repo.squash(name, f"Add {name} (#{world.serial})")
    return LANDED


def rebased(world: World, name: str) -> Verdicts:
    world.repo.cherry_pick(f"main..{name}")
    return LANDED


def picked(world: World, name: str) -> Verdicts:
    world.repo.checkout(name)
    world.grow(name, 1)
    world.repo.checkout("main").cherry_pick(f"{name}~1")
    return frozenset({"partial"})


def squashed_and_continued(world: World, name: str) -> Verdicts:
    world.repo.squash(name, f"Add {name}")
    world.repo.checkout(name)
    world.grow(name, 1)
    return frozenset({"in-flight", "partial"})


def merged_and_continued(world: World, name: str) -> Verdicts:
    world.repo.merge(name)
    world.repo.checkout(name)
    world.grow(name, 1)
    return frozenset({"in-flight"})


def reverted_squash(world: World, name: str) -> Verdicts:
    world.repo.squash(name, f"Add {name}")
    world.repo.revert("HEAD")
    return frozenset({"reverted"})


def reverted_merge(world: World, name: str) -> Verdicts:
    world.repo.merge(name)
    world.repo.revert("HEAD", mainline=1)
    return frozenset({"reverted"})


def not_started(world: World, name: str) -> Verdicts:
    world.repo.delete(name)
    world.repo.branch(name, "main")
    return frozenset({"not-started"})


def stacked(world: World, name: str) -> Verdicts:
    child = f"{name}-child"
    world.repo.checkout(child, new=True, at=name)
    world.grow(child, 1)
    world.truth[child] = frozenset({"in-flight"})
    world.base()
    world.repo.squash(name, f"Add {name}")
    return LANDED


def foxtrot(world: World, name: str) -> Verdicts:
    world.repo.checkout(name).merge("main", message=f"Merge branch 'main' into {name}")
    world.repo.checkout("main").merge(name, ff=True)
    return LANDED


def parent_and_child_squashed(world: World, name: str) -> Verdicts:
    child = f"{name}-child"
    world.repo.checkout(child, new=True, at=name)
    world.grow(child, 2)
    world.repo.checkout("main").squash(name, f"Add {name}")
    world.base()
    world.repo.squash(child, f"Add {child}")
    world.truth[child] = LANDED
    return LANDED


def child_squashed_alone(world: World, name: str) -> Verdicts:
    """The child's squash brings the parent along."""
    child = f"{name}-child"
    world.repo.checkout(child, new=True, at=name)
    world.grow(child, 1)
    world.repo.checkout("main").squash(child, f"Add {child}")
    world.truth[child] = LANDED
    return LANDED


def idle_child_of_merged(world: World, name: str) -> Verdicts:
    """Created from a branch, never used; the branch was merged."""
    world.repo.branch(f"{name}-idle", name)
    world.truth[f"{name}-idle"] = frozenset({"not-started"})
    world.repo.merge(name)
    return LANDED


def landed_again(world: World, name: str) -> Verdicts:
    world.repo.squash(name, f"Add {name}")
    world.repo.revert("HEAD")
    world.base()
    world.repo.revert("HEAD" if world.repo.git("log", "-1", "--format=%s").startswith("Revert") else _last(world))
    return LANDED


def _last(world: World) -> str:
    return world.repo.git("log", "-1", "--format=%H", "--grep=^Revert")


def recreated(world: World, name: str) -> Verdicts:
    world.repo.merge(name)
    world.repo.delete(name)
    world.repo.checkout(name, new=True)
    world.grow(name, 1)
    return frozenset({"in-flight"})


def train(world: World, name: str) -> Verdicts:
    world.repo.checkout(f"dev-{name}", new=True, at="main")
    world.commit("Dev work")
    world.repo.merge(name, message=f"Merge branch '{name}' into dev-{name}")
    world.repo.checkout("main").merge(f"dev-{name}", message=f"Merge branch 'dev-{name}'")
    world.truth[f"dev-{name}"] = LANDED
    return LANDED


FATES: tuple[Callable[[World, str], Verdicts], ...] = (
    in_flight,
    updated,
    merged,
    updated_and_squashed,
    squashed,
    rebased,
    picked,
    squashed_and_continued,
    merged_and_continued,
    reverted_squash,
    reverted_merge,
    not_started,
    stacked,
    foxtrot,
    parent_and_child_squashed,
    child_squashed_alone,
    idle_child_of_merged,
    landed_again,
    recreated,
    train,
)


def build(path: Path, seed: int) -> World:
    world = World(path, random.Random(seed))
    for number in range(5):
        name = f"feature/{seed}-{number}"
        world.begin(name)
        world.truth[name] = world.dice.choice(FATES)(world, name)
        world.base()
    return world


@pytest.mark.parametrize("seed", range(8))
def test_fates(tmp_path: Path, seed: int) -> None:
    world = build(tmp_path / "r", seed)
    found = verdicts(world.repo.path)
    wrong = {
        name: (found[name].verdict, found[name].detail, sorted(allowed))
        for name, allowed in world.truth.items()
        if found[name].verdict not in allowed | {"unknown"}
    }
    assert not wrong
    known = [name for name in world.truth if found[name].verdict != "unknown"]
    assert len(known) >= 0.7 * len(world.truth), {n: found[n].detail for n in world.truth}
