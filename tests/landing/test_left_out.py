"""A merge took what had been pushed; the commit that was made before it and pushed never has not landed."""

from pathlib import Path

import pytest

from tests.gitrepo import GitBuilder
from tests.landing.test_scenarios import verdicts

SUBJECTS = ("Merge branch 'feature/alpha'", "Merge pull request #7 from me/feature/alpha")


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("path", ["a.py", "new.py"])
def test_a_commit_older_than_the_merge_but_not_in_it(tmp_path: Path, subject: str, path: str) -> None:
    repo = GitBuilder(tmp_path / "r")
    repo.commit("Start", {"base.py": "base\n"})
    repo.checkout("feature/alpha", new=True).commit("one", {"a.py": "1\n"})
    repo.commit("two", {"a.py": "1\n2\n"})
    repo.branch("pushed")
    repo.commit("three", {path: "1\n2\n3\n"})
    repo.checkout("main").merge("pushed", message=subject)
    repo.git("branch", "-D", "pushed")
    found = verdicts(repo.path)["feature/alpha"]
    assert (found.verdict, found.reopened) == ("in-flight", True)
