"""One pass: observe, derive, publish. The only place where the rooms meet."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from reconciler.config import Config, load_config, user_folder
from reconciler.coordination.holdings import as_claim, claims
from reconciler.coordination.identity import here
from reconciler.coordination.intents import intent_of, read_intents
from reconciler.coordination.leases import Limits
from reconciler.derive.landing import candidates, judge, survey
from reconciler.derive.view import derive
from reconciler.errors import Exit, SwarmError
from reconciler.files import Lock, lock
from reconciler.memory import Memory, Texts
from reconciler.model import Intent, Landing, Problem, RepoFacts, Snapshot, View
from reconciler.observe.artifacts import Tree, WorkTree, read_documents
from reconciler.observe.conditions import read_conditions
from reconciler.observe.git import GitRepo, open_git
from reconciler.observe.patches import patch_ids
from reconciler.observe.repo import read_repository
from reconciler.observe.rulebook import load_rulebook, with_branch_patterns
from reconciler.policy import Rulebook
from reconciler.progress import step
from reconciler.publish import store
from reconciler.publish.moves import Move, moved
from reconciler.publish.projections import project


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a repository gave; nothing is written yet."""

    view: View
    snapshot: Snapshot
    rulebook: Rulebook
    config: Config
    facts: RepoFacts
    target: Path  # where our files go
    git: GitRepo


@dataclass(frozen=True, slots=True)
class Outcome:
    """What writing a look did, or would do."""

    moves: tuple[Move, ...]
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    problems: tuple[Problem, ...] = ()  # damaged files that were rebuilt, foreign ones left alone
    first: bool = False  # there was no registry to compare with, so nothing counts as moved


def look(
    start: Path, *, env: Mapping[str, str], flags: Mapping[str, object] | None = None, git: GitRepo | None = None
) -> Look:
    """Observe the repository around ``start`` and derive its view. Reads only. ``git``: the one opened there.

    Raises NoRepository when there is none, SwarmError for what the user can mend.
    """
    git = git or open_git(start)
    config = load_config(git.root, env, user_folder(env), flags)
    rulebook = load_rulebook(overrides=git.root / ".swarm/rules" if git.root else None)
    rulebook = with_branch_patterns(rulebook, config.branch_patterns)
    salt = "\0".join((rulebook.digest, *config.branch_patterns))
    memory = Memory(git.common_dir, "git.json", RepoFacts)
    step("reading git")
    facts = read_repository(git, base=config.base, ignore=rulebook.branches.ignore, memory=memory, salt=salt)
    base = facts.base.branch if facts.base else ""
    target = store.target_folder(facts.worktrees, base, Path(facts.common_dir))
    snapshot = observe(git, facts, config, rulebook, target)
    step("deriving")
    return Look(derive(snapshot, rulebook), snapshot, rulebook, config, facts, target, git)


def observe(git: GitRepo, facts: RepoFacts, config: Config, rulebook: Rulebook, target: Path) -> Snapshot:
    """Everything that is there, as one value; verdicts on branches included."""
    step("comparing branches")
    landings = judge_branches(git, facts)
    landed = {v.branch for v in landings if v.verdict == "landed"}
    tips = tuple(Tree(name, files) for name, files in sorted(facts.branch_trees.items()) if name not in landed)
    disks = tuple(
        WorkTree(w.name, w.branch, w.path, changed=frozenset(w.changes)) for w in facts.worktrees if not w.missing
    )
    base = Tree(facts.base.branch, facts.history.tree) if facts.base else None
    texts = Texts(git.common_dir, rulebook.digest)
    step("reading documents")
    reading = read_documents(
        rulebook,
        base=base,
        branches=tips,
        worktrees=disks,
        fetch=git.blobs,
        exclude=config.exclude,
        layouts=config.layouts,
        history=facts.history.commits,
        cache=texts,
        sha256=git.object_format == "sha256",
    )
    texts.save()
    intents, more = _intents(git, facts, target)
    limits = Limits(config.stale_after * 60, config.idle_after * 60)
    return Snapshot(
        name=facts.name,
        root=facts.root,
        base=facts.base,
        history=facts.history,
        branches=facts.branches,
        landings=landings,
        worktrees=facts.worktrees,
        places=reading.places,
        documents=reading.documents,
        intents=intents,
        claims=tuple(as_claim(holding) for holding in claims(Path(facts.common_dir, "swarm"), here(), limits)),
        layouts=reading.layouts,
        problems=tuple(
            sorted({*facts.problems, *read_conditions(git, facts), *reading.problems, *more, *config.problems})
        ),
        complete=facts.complete,
    )


def judge_branches(git: GitRepo, facts: RepoFacts) -> tuple[Landing, ...]:
    """The verdict on every branch; those of the same refs are remembered."""
    memory = Memory(git.common_dir, "landings.json", tuple[Landing, ...])
    known: tuple[Landing, ...] | None = memory.recall(facts.key) if facts.key else None
    if known is not None:
        return known
    ground = survey(facts)
    landings = judge(ground, patch_ids(git, candidates(ground)))
    if facts.key:
        memory.keep(facts.key, landings)
    return landings


def _intents(git: GitRepo, facts: RepoFacts, target: Path) -> tuple[tuple[Intent, ...], tuple[Problem, ...]]:
    """From the folder where ours are written; a bare repository adds those that its base branch carries."""
    own = read_intents(target)
    if facts.root:
        return own
    tracked = {p: b for p, b in facts.history.tree.items() if p.startswith(".swarm/queue/") and p.endswith(".md")}
    blobs = git.blobs(tracked.values()) if tracked else {}
    read = [intent_of(path, blobs[blob]) for path, blob in sorted(tracked.items()) if blob in blobs]
    known = {intent.id for intent in own[0]}
    intents = tuple(intent for intent, _ in read if intent.id not in known)
    return (*own[0], *intents), (*own[1], *(problem for _, found in read for problem in found))


def run(
    start: Path, *, env: Mapping[str, str], now: datetime, flags: Mapping[str, object] | None = None
) -> tuple[Look, Outcome]:
    """One pass that writes. Looks while it holds the lock, so a slow pass never overwrites a newer one's view."""
    with lock(open_git(start).common_dir) as held:
        seen = look(start, env=env, flags=flags)
        return seen, write(seen, now=now, held=held)


def write(seen: Look, *, now: datetime, check: bool = False, held: Lock | None = None) -> Outcome:
    """Bring our files to what was seen; with ``check`` only say what that would change.

    Raises SwarmError when the base could not be read (nothing is written then), when something of others
    is in the way, or when another pass holds the lock too long.
    """
    if not seen.view.complete:
        raise SwarmError(
            "the base branch could not be read, so nothing is written", hint="swarm doctor", code=Exit.NO_REPO
        )
    step("writing")
    files = project(seen.view, now=now, archive_after_days=seen.config.archive_after)
    before = store.previous(seen.target)
    moves = moved(before, seen.view)
    if check:
        plan = store.plan(seen.target, files)
        return Outcome(moves, (*plan.write, *plan.remove), plan.unchanged, first=before is None)
    report = store.publish(seen.target, files, common_dir=Path(seen.facts.common_dir), held=held)
    return Outcome(moves, (*report.written, *report.removed), report.unchanged, report.problems, before is None)


def foresee(seen: Look, files: Mapping[str, bytes]) -> View:
    """Return the view as it would be with these intent files (path -> text) besides those that are there."""
    new = tuple(intent_of(path, data)[0] for path, data in files.items())
    kept = tuple(intent for intent in seen.snapshot.intents if intent.path not in files)
    return derive(replace(seen.snapshot, intents=(*kept, *new)), seen.rulebook)
