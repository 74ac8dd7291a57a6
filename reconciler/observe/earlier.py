"""The repository as it was at a commit of the base, or at a moment: where the refs stood then.

Commits carry their dates, reflogs of local branches those of each step. What neither tells is not known any more:
branches that were deleted since, commits that a rebase replaced where there is no reflog. docs/how-to/report.md
says so to people.
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from reconciler.errors import Exit, SwarmError
from reconciler.frozen import frozen
from reconciler.model import CommitId, Problem
from reconciler.observe.base import BaseChoice, Ref
from reconciler.observe.branches import read_outside
from reconciler.observe.git import GitError, GitRepo
from reconciler.observe.history import read_alone, read_time
from reconciler.observe.reflogs import is_begun, read_entries
from reconciler.printable import printable

_CHAR = r"[^\x00-\x20\x7f~^:?*\[\\]"  # what git allows in the name of a ref
_REV = re.compile(rf"(?!-)(?!.*(?:@\{{|\.\.)){_CHAR}{{1,500}}(?:[~^]\d{{0,5}}){{0,20}}")
_COMMIT = re.compile(r"[0-9a-f]{40,64}")
Line = Mapping[CommitId, datetime]  # first parents of a ref, newest first


@frozen
class Then:
    """What is asked for: a moment, or a commit by any of its names."""

    rev: str = ""
    moment: datetime | None = None


@frozen
class Past:
    """The base and the refs as they were; the refs of the base are not among them."""

    choice: BaseChoice
    refs: tuple[Ref, ...]
    moment: datetime

    @property
    def problem(self) -> Problem:
        """What a person should know who looks at it."""
        base = self.choice.refs[0]
        when = f"{iso(self.moment)}, {self.choice.branch} {base.id[:7]}"
        lost = "branches deleted since, uncommitted files and claims of then are not known"
        return Problem("earlier", f"as of {when}: {lost}", severity="info")


def put_back(git: GitRepo, choice: BaseChoice, groups: Mapping[str, Sequence[Ref]], then: Then) -> Past:
    """Where base and branches stood ``then``. Raises SwarmError for what is no commit and no moment of the base."""
    base, moment = _base_then(git, choice, then)
    return Past(replace(choice, refs=(base,)), _refs_then(git, groups, base.id, moment), moment)


def iso(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


# -- the base


def _base_then(git: GitRepo, choice: BaseChoice, then: Then) -> tuple[Ref, datetime]:
    try:
        lines = [(ref, _line(git, ref.id)) for ref in choice.refs]
    except GitError as error:
        raise SwarmError(f"{choice.branch} cannot be read", hint="git fsck", code=Exit.NO_REPO) from error
    if then.moment is not None:
        return _at_moment(lines, then.moment, choice.branch), then.moment
    commit = _commit(git, then.rev)
    for ref, line in lines:
        if commit in line:
            return replace(ref, id=commit), line[commit]
    if not any(git.ask("merge-base", "--is-ancestor", commit, ref.id)[0] == 0 for ref in choice.refs):
        hint = f"git log --first-parent {shlex.quote(choice.branch)}"
        raise SwarmError(f'"{printable(then.rev, limit=60)}" is no commit of {printable(choice.branch)}', hint=hint)
    at = read_alone(git, [commit])[0].at  # it came with a merge: the base as it was when it was made
    return _at_moment(lines, at, choice.branch), at


def _line(git: GitRepo, tip: CommitId) -> Line:
    rows = git.run("rev-list", "--first-parent", "--timestamp", tip, "--").decode("ascii").splitlines()
    return {CommitId(commit): read_time(seconds) for seconds, _, commit in (row.partition(" ") for row in rows)}


def _at_moment(lines: Sequence[tuple[Ref, Line]], moment: datetime, branch: str) -> Ref:
    """The newest commit at or before the moment. Raises SwarmError when there is none."""
    found = [
        (line[commit], replace(ref, id=commit))
        for ref, line in lines
        if (commit := next((c for c, at in line.items() if at <= moment), None))
    ]
    if found:
        return max(found, key=lambda one: one[0])[1]
    first, at = list(lines[0][1].items())[-1]
    raise SwarmError(
        f"{printable(branch)} has no commit at or before {iso(moment)}; its first is of {iso(at)}",
        hint=f"swarm status --at {first[:10]}",
    )


def _commit(git: GitRepo, rev: str) -> CommitId:
    """The commit of that name. A name and ``~`` or ``^`` behind it are taken, and nothing that searches or follows."""
    if _REV.fullmatch(rev):
        code, out, _ = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
        name = out.decode("ascii", "replace").strip()
        if code == 0 and _COMMIT.fullmatch(name):
            return CommitId(name)
    hint = "swarm status --at 7d, --at 2026-01-18, or --at COMMIT"
    raise SwarmError(f'"{printable(rev, limit=60)}" is no commit, no date and no time ago', hint=hint)


# -- the branches


def _refs_then(git: GitRepo, groups: Mapping[str, Sequence[Ref]], base: CommitId, moment: datetime) -> tuple[Ref, ...]:
    """Every ref where it stood at the moment; those without a trace from before are left out."""
    refs = [ref for group in groups.values() for ref in group]
    logs = read_entries(git, [ref.name for ref in refs if ref.name.startswith("refs/heads/")])
    begun_later = {name for name, log in logs.items() if is_begun(name, log) and log[-1][2] > moment}
    later = {ref.name for group in groups.values() if {r.name for r in group} & begun_later for ref in group}
    stood = {name: next((commit for commit, _, at in log if at <= moment), None) for name, log in logs.items()}
    there = git.kinds(commit for commit in stood.values() if commit)
    known = {name: commit for name, commit in stood.items() if commit and there.get(commit) == "commit"}
    asked = [replace(ref, id=known.get(ref.name, ref.id), upstream="") for ref in refs if ref.name not in later]
    outside, good, _ = read_outside(git, asked, base)
    dates = {commit.id: commit.at for commit in outside.commits}

    def then(ref: Ref) -> Ref | None:
        if ref.name in known or ref not in good:  # one that cannot be read is named by those who read it next
            return ref
        tip = ref.id
        while dates.get(tip, moment) > moment:
            tip = next(iter(outside.parents[tip]), CommitId(""))
        return replace(ref, id=tip) if tip == ref.id or tip in dates else None

    return tuple(found for ref in asked if (found := then(ref)))
