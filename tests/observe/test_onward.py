"""A history that is known up to an earlier tip is read on from there, and is the same as one read from nothing."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.memory import Memory
from reconciler.model import RepoFacts
from reconciler.observe import onward, trunk
from reconciler.observe.git import open_git
from reconciler.observe.history import read_log
from reconciler.observe.onward import in_order
from reconciler.observe.repo import read_repository
from tests.gitrepo import GitBuilder, sealed
from tests.scenarios.replay import Scenario, scenarios

# each commit: its parents, counted back from it, and its clock: some are the same, some go backwards
GRAPHS = st.lists(
    st.tuples(st.lists(st.integers(1, 6), max_size=3, unique=True), st.integers(0, 5)), min_size=1, max_size=14
)


def graph(place: Path, rows: list[tuple[list[int], int]]) -> list[str]:
    """Commits without files, by fast-import; their ids."""
    place.mkdir()
    env = sealed(place)
    subprocess.run(["git", "init", "-q", str(place)], check=True, env=env)
    stream = []
    for number, (back, clock) in enumerate(rows, 1):
        parents = sorted({number - step for step in back if number - step > 0})
        stream.append(f"reset refs/heads/b{number}\ncommit refs/heads/b{number}\nmark :{number}\n")
        stream.append(f"committer dev <dev@example.com> {1_772_000_000 + clock} +0000\ndata 2\n{number % 10}\n\n")
        stream += [f"{'merge' if at else 'from'} :{parent}\n" for at, parent in enumerate(parents)]
    subprocess.run(["git", "fast-import", "--quiet"], input="".join(stream), text=True, cwd=place, check=True, env=env)
    names = [f"b{number}" for number in range(1, len(rows) + 1)]
    told = subprocess.run(["git", "rev-parse", *names], cwd=place, check=True, env=env, capture_output=True, text=True)
    return told.stdout.split()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=GRAPHS, chosen=st.lists(st.integers(0, 13), min_size=1, max_size=3))
def test_the_order_is_that_of_git(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[list[int], int]], chosen: list[int]
) -> None:
    place = tmp_path_factory.mktemp("graph") / "repo"
    ids = graph(place, rows)
    git, tips = open_git(place), sorted({ids[at % len(ids)] for at in chosen})
    known = {commit.id: (commit, tree) for commit, tree in read_log(git, sorted(ids))}
    assert in_order(tips, known) == read_log(git, tips)


class Spy:
    """How often the history was read on, and how often that did."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.answers: list[bool] = []
        patch.setattr(trunk, "read_onward", self._read)

    def _read(self, *args: object, **options: object) -> object:
        found = onward.read_onward(*args, **options)  # type: ignore[arg-type]
        self.answers.append(found is not None)
        return found


def facts(place: Path) -> tuple[RepoFacts, RepoFacts]:
    """As read with what is remembered, and from nothing."""
    git = open_git(place)
    return read_repository(git, memory=Memory(git.common_dir, "git.json", RepoFacts)), read_repository(open_git(place))


def are_same(place: Path) -> bool:
    remembered, fresh = facts(place)
    return replace(remembered, key="") == replace(fresh, key="")


@pytest.mark.parametrize("each", scenarios(), ids=lambda each: each.name)
def test_after_a_commit_and_a_branch_it_is_what_is_read_from_nothing(each: Scenario, tmp_path: Path) -> None:
    place = each.build(tmp_path / "repo")
    assert are_same(place)
    git = open_git(place)
    if git.is_bare or git.root is None or read_repository(git).base is None:
        return
    env = sealed(place) | {"GIT_COMMITTER_DATE": "2026-04-01T00:00:00Z", "GIT_AUTHOR_DATE": "2026-04-01T00:00:00Z"}
    for words in (
        ("commit", "-q", "--allow-empty", "-m", "more"),
        ("branch", "one-more"),
        ("commit", "-q", "--amend", "--allow-empty", "-m", "x"),
    ):
        subprocess.run(["git", "-C", str(git.root), *words], check=False, env=env, capture_output=True)
        assert are_same(place), words


@pytest.fixture
def repo(tmp_path: Path) -> GitBuilder:
    made = GitBuilder(tmp_path / "repo")
    for number in range(4):
        made.write(f"src/{number}.py", "x = 1\n").commit(f"Step {number}")
    made.branch("feature/fog").checkout("feature/fog").write("src/fog.py", "fog = 1\n").commit("fog")
    made.checkout("main")
    assert are_same(made.path)
    return made


def test_a_commit_on_the_base_is_read_alone(repo: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(monkeypatch)
    repo.write("src/more.py", "x = 1\n").commit("more")
    repo.merge("feature/fog")
    assert are_same(repo.path)
    assert spy.answers == [True]


def test_a_branch_more_needs_no_commit_of_the_base(repo: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(monkeypatch)
    repo.branch("feature/rain").checkout("feature/rain").write("src/rain.py", "rain = 1\n").commit("rain")
    repo.checkout("main")
    assert are_same(repo.path)
    assert spy.answers == [True]


def test_a_base_that_went_back_is_read_afresh(repo: GitBuilder) -> None:
    repo.git("reset", "-q", "--hard", "HEAD~2")
    assert are_same(repo.path)


def test_a_base_that_was_written_anew_is_read_afresh(repo: GitBuilder) -> None:
    repo.git("commit", "-q", "--amend", "-m", "Another step")
    assert are_same(repo.path)
    assert "Another step" in {commit.subject for commit in facts(repo.path)[0].history.commits}


def test_an_old_tip_that_is_gone_is_no_obstacle(repo: GitBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(monkeypatch)
    repo.git("commit", "-q", "--amend", "-m", "Another step")
    for words in (
        ("reflog", "expire", "--expire=now", "--all"),
        ("branch", "-D", "feature/fog"),
        ("gc", "-q", "--prune=now"),
    ):
        repo.git(*words)
    assert are_same(repo.path)
    assert spy.answers == [False]
