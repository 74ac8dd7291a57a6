"""One pass: observe, derive, publish. The only place where the rooms meet."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from reconciler.config import Config, load_config, user_folder
from reconciler.coordination.holdings import as_claim, claims
from reconciler.coordination.identity import here
from reconciler.coordination.intents import intent_of, read_intents
from reconciler.coordination.leases import Limits
from reconciler.derive.landing import candidates, judge, survey
from reconciler.derive.view import Derivation, derive, derive_after
from reconciler.errors import Exit, SwarmError
from reconciler.files import Lock, lock
from reconciler.frozen import frozen
from reconciler.memory import Codec, Memory, Shelf, teach
from reconciler.model import Claim, Intent, Landing, Problem, RepoFacts, Snapshot, View
from reconciler.observe.artifacts import Reading, Tree, WorkTree, read_documents
from reconciler.observe.conditions import read_conditions
from reconciler.observe.earlier import Then
from reconciler.observe.git import GitRepo, open_git
from reconciler.observe.held import FileRow, Held
from reconciler.observe.patches import patch_ids
from reconciler.observe.repo import Around, look_around, read_repository
from reconciler.observe.rulebook import load_rulebook
from reconciler.observe.templates import Lazy
from reconciler.policy import Expression, Rulebook
from reconciler.progress import step
from reconciler.publish import store
from reconciler.publish.moves import Move, moved
from reconciler.publish.projections import Rendered, project
from reconciler.texts import Texts
from reconciler.written import Written, keep_written, recall_written

teach(Expression, Codec(attrgetter("source"), Lazy))
ENOUGH = 50  # new texts or files that are worth writing down for other processes
FILES = "files"


@dataclass(slots=True)
class Kept:
    """What passes of one process keep between them, so that a pass costs what changed. No answer depends on it."""

    shelf: Shelf = field(default_factory=dict)
    held: Held | None = None
    texts: Texts | None = None
    derivation: Derivation | None = None
    rendered: Rendered | None = None
    go_on: bool = False  # more passes will come: what only they need is worth its memory
    written: Written | None = None
    seen: "Look | None" = None  # the last look, in a process that goes on


@frozen
class Asked:
    """What every look asks first: settings, rules, refs and work trees."""

    git: GitRepo
    config: Config
    rulebook: Rulebook
    around: Around
    then: Then | None


@frozen
class Look:
    """What one look at a repository gave; nothing is written yet."""

    view: View
    snapshot: Snapshot
    rulebook: Rulebook
    config: Config
    facts: RepoFacts
    target: Path  # where our files go
    git: GitRepo
    reading: Reading
    again: bool = False  # refs that the last look met, too


@frozen
class Outcome:
    """What writing a look did, or would do."""

    moves: tuple[Move, ...]
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    problems: tuple[Problem, ...] = ()  # damaged files that were rebuilt, foreign ones left alone
    first: bool = False  # there was no registry to compare with, so nothing counts as moved


def ask(
    git: GitRepo, *, env: Mapping[str, str], flags: Mapping[str, object] | None = None, then: Then | None = None
) -> Asked:
    """Read the settings and rules, and look around the history."""
    config = load_config(git.root, env, user_folder(env), flags)
    overrides = git.root / ".swarm/rules" if git.root else None
    memory = Memory(git.common_dir, "rules.json", Rulebook)
    rulebook = load_rulebook(overrides=overrides, branch_patterns=config.branch_patterns, memory=memory)
    step("reading git")
    salt = "\0".join((rulebook.digest, *config.branch_patterns))
    return Asked(git, config, rulebook, look_around(git, base=config.base, salt=salt, now=then is None), then)


def look(
    start: Path,
    *,
    env: Mapping[str, str],
    flags: Mapping[str, object] | None = None,
    git: GitRepo | None = None,
    kept: Kept | None = None,
    then: Then | None = None,
) -> Look:
    """Observe the repository around ``start`` and derive its view. Reads only. ``git``: the one opened there.

    ``kept`` is what earlier looks of this process left, and takes what this one leaves. ``then``: the view of an
    earlier state by the rules of today; nothing of it is remembered.
    Raises NoRepository when there is none, SwarmError for what the user can mend.
    """
    return look_at(ask(git or open_git(start), env=env, flags=flags, then=then), kept or Kept())


def look_at(asked: Asked, kept: Kept) -> Look:
    """The rest of a look, see :func:`look`."""
    git, config, rulebook = asked.git, asked.config, asked.rulebook
    memory = None if asked.then else Memory(git.common_dir, "git.json", RepoFacts, shelf=kept.shelf)
    again = memory is not None and memory.recall(asked.around.key) is not None
    ignore = rulebook.branches.ignore
    facts = read_repository(git, ignore=ignore, memory=memory, then=asked.then, around=asked.around)
    base = facts.base.branch if facts.base else ""
    target = store.target_folder(facts.worktrees, base, Path(facts.common_dir))
    snapshot, reading = observe(git, facts, config, rulebook, target, kept)
    step("deriving")
    kept.derivation = derive_after(kept.derivation, snapshot, rulebook)
    seen = Look(kept.derivation.view, snapshot, rulebook, config, facts, target, git, reading, again)
    kept.seen = seen if kept.go_on else None
    return seen


def observe(
    git: GitRepo, facts: RepoFacts, config: Config, rulebook: Rulebook, target: Path, kept: Kept
) -> tuple[Snapshot, Reading]:
    """Everything that is there, as one value; verdicts on branches included."""
    step("comparing branches")
    landings = judge_branches(git, facts, kept.shelf)
    step("reading documents")
    texts, held = _known(git, rulebook, kept)
    reading = read_documents(
        rulebook,
        base=base_of(facts),
        branches=tips_of(facts, landings),
        worktrees=disks_of(facts),
        fetch=git.blobs,
        exclude=config.exclude,
        layouts=config.layouts,
        history=facts.history.commits,
        cache=texts,
        sha256=git.object_format == "sha256",
        held=held,
    )
    if not facts.at:
        _save(git, kept)
    intents, more = read_wanted(git, facts, target)
    held_by, unread = read_claims(facts, config)
    snapshot = Snapshot(
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
        claims=held_by,
        layouts=reading.layouts,
        problems=tuple(
            sorted({*facts.problems, *read_conditions(git, facts), *reading.problems, *more, *unread, *config.problems})
        ),
        complete=facts.complete,
    )
    return snapshot, reading


def base_of(facts: RepoFacts) -> Tree | None:
    """The files of the base."""
    return Tree(facts.base.branch, facts.history.tree) if facts.base else None


def tips_of(facts: RepoFacts, landings: Sequence[Landing]) -> tuple[Tree, ...]:
    """What branches changed, those aside that landed."""
    landed = {v.branch for v in landings if v.verdict == "landed"}
    return tuple(Tree(name, files) for name, files in sorted(facts.branch_trees.items()) if name not in landed)


def disks_of(facts: RepoFacts) -> tuple[WorkTree, ...]:
    """The work trees that are there."""
    return tuple(
        WorkTree(w.name, w.branch, w.path, changed=frozenset(w.changes)) for w in facts.worktrees if not w.missing
    )


def _known(git: GitRepo, rulebook: Rulebook, kept: Kept) -> tuple[Texts, Held]:
    """Texts and files that are known already, by this process or from what an earlier one wrote down."""
    if kept.texts is None or kept.texts.rules != rulebook.digest:
        kept.texts = Texts(git.common_dir, rulebook.digest)
    kept.texts.begin()
    if kept.held is None:
        kept.held = Held(_files(git).recall(FILES))
    return kept.texts, kept.held


def _save(git: GitRepo, kept: Kept) -> None:
    """Write down what is new, in a process that goes on only when it is much; one that does not is done with it."""
    if kept.texts is None or kept.held is None:
        return
    least = ENOUGH if kept.derivation else 1
    kept.texts.save(at_least=least)
    if kept.held.news >= least:
        _files(git).keep(FILES, kept.held.settled())
    if not kept.go_on:
        kept.texts = kept.held = None


def _files(git: GitRepo) -> Memory:
    return Memory(git.common_dir, "files.json", Mapping[str, Any], made_of=FileRow)


def judge_branches(git: GitRepo, facts: RepoFacts, shelf: Shelf | None = None) -> tuple[Landing, ...]:
    """The verdict on every branch; those of the same refs are remembered."""
    memory = Memory(git.common_dir, "landings.json", tuple[Landing, ...], shelf=shelf)
    known: tuple[Landing, ...] | None = memory.recall(facts.key) if facts.key else None
    if known is not None:
        return known
    ground = survey(facts)
    landings = judge(ground, patch_ids(git, candidates(ground)))
    if facts.key:
        memory.keep(facts.key, landings)
    return landings


def read_wanted(git: GitRepo, facts: RepoFacts, target: Path) -> tuple[tuple[Intent, ...], tuple[Problem, ...]]:
    """From the folder where ours are written; a bare repository adds those that its base branch carries.

    Those of an earlier state are what its base carried.
    """
    own: tuple[tuple[Intent, ...], tuple[Problem, ...]] = ((), ()) if facts.at else read_intents(target)
    if facts.root and not facts.at:
        return own
    tracked = {p: b for p, b in facts.history.tree.items() if p.startswith(".swarm/queue/") and p.endswith(".md")}
    blobs = git.blobs(tracked.values()) if tracked else {}
    read = [intent_of(path, blobs[blob]) for path, blob in sorted(tracked.items()) if blob in blobs]
    known = {intent.id for intent in own[0]}
    intents = tuple(intent for intent, _ in read if intent.id not in known)
    return (*own[0], *intents), (*own[1], *(problem for _, found in read for problem in found))


def read_claims(facts: RepoFacts, config: Config) -> tuple[tuple[Claim, ...], tuple[Problem, ...]]:
    """Who holds what; a folder that cannot be read hides no state, only who is on it."""
    if facts.at:
        return (), ()
    limits = Limits(config.stale_after * 60, config.idle_after * 60)
    try:
        found = claims(Path(facts.common_dir, "swarm"), here(), limits)
    except SwarmError as error:
        return (), (Problem("unreadable-claims", f"who holds what is not known: {error.message}", severity="error"),)
    return tuple(as_claim(holding) for holding in found), ()


def run(
    start: Path,
    *,
    env: Mapping[str, str],
    now: datetime,
    flags: Mapping[str, object] | None = None,
    kept: Kept | None = None,
    git: GitRepo | None = None,
    held: Lock | None = None,
) -> tuple[Look, Outcome]:
    """One pass that writes. Looks while it holds the lock, so a slow pass never overwrites a newer one's view.

    ``git``: the one opened there, and nothing asked of it before the lock was ``held``.
    """
    git = git or open_git(start)
    with nullcontext(held) if held else lock(git.common_dir) as held:
        seen = look(start, env=env, flags=flags, git=git, kept=kept)
        return seen, write(seen, now=now, held=held, kept=kept)


def write(
    seen: Look, *, now: datetime, check: bool = False, held: Lock | None = None, kept: Kept | None = None
) -> Outcome:
    """Bring our files to what was seen; with ``check`` only say what that would change. ``kept``: see :func:`look`.

    Raises SwarmError when the base could not be read (nothing is written then), when something of others
    is in the way, or when another pass holds the lock too long.
    """
    if not seen.view.complete:
        raise SwarmError(
            "the base branch could not be read, so nothing is written", hint="swarm doctor", code=Exit.NO_REPO
        )
    step("writing")
    kept = kept or Kept()
    last = kept.written or recall_written(Path(seen.facts.common_dir), seen.target)
    moves = _moves(seen, last)
    files = files_of(seen, now=now, kept=kept)
    if check:
        plan = store.plan(seen.target, files, last.digests if last else None)
        return Outcome(moves or (), (*plan.write, *plan.remove), plan.unchanged, first=moves is None)
    report = put(seen, files, held=held, kept=kept, last=last)
    return Outcome(moves or (), (*report.written, *report.removed), report.unchanged, report.problems, moves is None)


def files_of(seen: Look, *, now: datetime, kept: Kept) -> dict[str, bytes]:
    """Our files as they should be, by name."""
    if kept.go_on:
        kept.rendered = kept.rendered or Rendered()
    return project(seen.view, now=now, archive_after_days=seen.config.archive_after, rendered=kept.rendered)


def put(
    seen: Look, files: Mapping[str, bytes], *, kept: Kept, held: Lock | None, last: Written | None,
    planned: store.Plan | None = None,
) -> store.Report:  # fmt: skip
    """Put our files in place, and keep in mind what they are. ``last``: what was written before."""
    common, own = Path(seen.facts.common_dir), last.digests if last else None
    report = store.publish(seen.target, files, common_dir=common, held=held, own=own, planned=planned)
    kept.written = Written(str(seen.target), report.digests, {w.id: w.state for w in seen.view.workstreams})
    if not kept.go_on and not report.foreign and (report.written or last is None):
        keep_written(common, kept.written)
    return report


def _moves(seen: Look, written: Written | None) -> tuple[Move, ...] | None:
    """What moved since the registry was written last; None when there is none."""
    if written and written.target == str(seen.target) and store.holds(seen.target, written.digests):
        return moved(written.states, seen.view)
    before = store.previous(seen.target)
    return None if before is None else moved(before, seen.view)


def foresee(seen: Look, files: Mapping[str, bytes]) -> View:
    """Return the view as it would be with these intent files (path -> text) besides those that are there."""
    new = tuple(intent_of(path, data)[0] for path, data in files.items())
    kept = tuple(intent for intent in seen.snapshot.intents if intent.path not in files)
    return derive(replace(seen.snapshot, intents=(*kept, *new)), seen.rulebook)
