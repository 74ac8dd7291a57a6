"""What is known of one workstream: the FACTS table turns a group into dated evidence with tags.

A new kind of fact is one function and its line in FACTS.
"""

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, time

from reconciler.derive.direct import DirectWork
from reconciler.derive.groups import Group, Line
from reconciler.derive.names import without_remote
from reconciler.derive.phases import Progress
from reconciler.frozen import frozen
from reconciler.model import Base, BlobId, Branch, Claim, Commit, Document, Evidence, Intent, Landing, State, Tag

_PLACEHOLDER = re.compile(r"\W*[\[<{][^\]>}]*[\]>}]\W*")  # "[Feature name]", "<title>"


@frozen
class Child:
    id: str
    state: State
    phase: str
    open: bool
    merged_at: datetime | None = None


@frozen
class Case:
    """One group with everything that facts may look at."""

    group: Group
    work: DirectWork
    progress: Progress
    base: Base | None
    artifact_paths: Container[str]
    base_tree: Mapping[str, BlobId]
    claim: Claim | None = None
    children: tuple[Child, ...] = ()
    touched: Mapping[str, datetime] = field(default_factory=dict)  # document -> when it was last changed

    def written(self, document: Document) -> datetime | None:
        """When a document was last committed; the date in its name or head while it never was."""
        day = document.date or document.text.created
        return self.touched.get(document.path) or (datetime.combine(day, time(), UTC) if day else None)


def read_evidence(case: Case) -> tuple[Evidence, ...]:
    """All evidence of one case, in the order of FACTS; each (tag, source) once."""
    found: dict[tuple[str, str], Evidence] = {}
    for fact in FACTS:
        for item in fact(case):
            found.setdefault((item.tag, item.source), item)
    return tuple(found.values())


def _landings(case: Case) -> Iterable[Evidence]:
    newest = newest_landing(case.group)
    for landing in _verdicts(case.group):
        if landing.verdict == "landed":
            yield _evidence(landing.tag, landing)
        elif landing.verdict == "reverted" and not _is_older(landing, newest):
            yield _evidence(Tag("reverted"), landing)
        elif landing.verdict == "partial":
            yield _evidence(Tag("partly-landed"), landing)


def _flights(case: Case) -> Iterable[Evidence]:
    newest = newest_landing(case.group)
    for line in case.group.lines:
        verdict = line.landing.verdict if line.landing else "unknown"
        yield Evidence(Tag("branch"), line.branch.ref, f"branch {line.branch.name} exists", line.branch.at)
        if verdict in ("landed", "reverted", "not-started") or not line.branch.own:
            continue
        if newest and newest.at and line.branch.at <= newest.at and not (line.landing and line.landing.reopened):
            yield Evidence(
                Tag("left-behind"), line.branch.ref, _ahead(line) + ", older than the landing", line.branch.at
            )
        elif sources := _sources(case, _changed(line.branch)):
            tag = Tag("unproven") if verdict == "unknown" else Tag("in-flight")
            detail = f"{_ahead(line)}, {_counted(len(sources), 'source file')}"
            yield Evidence(tag, line.branch.ref, detail, line.branch.at)
            if line.branch.changes and _merges_cleanly(line.branch, case.base_tree):
                yield Evidence(Tag("merges-cleanly"), line.branch.ref, "the base left its files alone", line.branch.at)
            if line.landing and line.landing.reopened:
                yield Evidence(Tag("reopened"), line.branch.ref, line.landing.detail, line.branch.at)
        else:
            yield Evidence(Tag("documents-branch"), line.branch.ref, f"{_ahead(line)}, documents only", line.branch.at)


def _unread(case: Case) -> Iterable[Evidence]:
    for ref in case.group.unread:
        yield Evidence(Tag("unproven"), ref, f"branch {without_remote(ref)} is there, and what it holds cannot be read")
        yield Evidence(Tag("unreadable"), ref, "could not be read")


def _worktrees(case: Case) -> Iterable[Evidence]:
    for tree in case.group.worktrees:
        if sources := _sources(case, tree.changes):
            yield Evidence(
                Tag("worktree-changes"), tree.name, f"worktree {tree.name}: {_counted(len(sources), 'file')} changed"
            )
        elif not tree.main and not tree.missing:
            yield Evidence(Tag("worktree"), tree.name, f"worktree {tree.name}, nothing changed")


def _direct(case: Case) -> Iterable[Evidence]:
    work = case.work
    for tag, commits, how in (
        ("direct-commit", work.direct, "touches the plan and files named in it"),
        ("named-commit", work.named, "names it and touches files named in its plan"),
        ("bulk-commit", work.bulk, "touches the plan among documents of many features"),
    ):
        if commits:
            yield _of_commit(Tag(tag), commits[0], how)
    if work.beside and _is_archived(case.group):
        yield _of_commit(Tag("code-beside"), work.beside[0], "touches the plan and source files")
    if work.code:
        yield _of_commit(Tag("code-on-base"), work.code[0], "touches much of what its plan names")
    if work.files_removed:
        detail = f"{work.removed} of {work.to_create} files to create were built and are gone again"
        yield Evidence(Tag("files-removed"), _plan_source(case.group), detail)
    if work.files_exist:
        detail = f"{work.created} of {work.to_create} files to create exist on the base"
        yield Evidence(Tag("files-exist"), _plan_source(case.group), detail)
    if work.to_create >= 2 and not work.created:
        detail = f"none of {work.to_create} files to create exists on the base"
        yield Evidence(Tag("files-missing"), _plan_source(case.group), detail)
    if not work.on_base and case.group.members:
        yield Evidence(Tag("not-on-base"), case.group.documents[0].path, "no document of it is on the base")


def _records(case: Case) -> Iterable[Evidence]:
    progress, group = case.progress, case.group
    checkpoints = group.of_stage("checkpoint")
    if checkpoints and progress.total and progress.checked == progress.total:
        yield _of_document(
            case, "checkpoints-complete", checkpoints[-1], f"checkpoints for all {_counted(progress.total, 'phase')}"
        )
    elif checkpoints:
        yield _of_document(
            case, "checkpoints-some", checkpoints[-1], f"checkpoints for {_counted(progress.checked, 'phase')}"
        )
        if 0 < progress.finished < progress.total:
            yield _of_document(case, "phases-open", checkpoints[-1], f"{progress.text} phases done")
    if progress.total and progress.finished == progress.total:
        yield Evidence(Tag("phases-done"), _plan_source(group), f"{progress.text} phases done")
    for document in group.of_stage("validation"):
        if document.text.claim == "verdict-pass" and not document.phase:
            yield _of_document(case, "validation-passed", document, "validation passed")
    for document in group.of_stage("review"):
        yield _of_document(case, "review", document, "a review document exists")
    if _is_archived(group):
        yield _of_document(case, "archived", _chief_documents(group)[0], "lies in an archive")


def _stages(case: Case) -> Iterable[Evidence]:
    for document in case.group.documents:
        if document.stage in ("plan", "spec", "research"):
            yield _of_document(case, document.stage, document, f"{document.kind} {document.path}")
        else:
            yield _of_document(case, "documents", document, f"{document.kind} {document.path}")
        if _PLACEHOLDER.fullmatch(document.text.title):
            yield _of_document(case, "template", document, "its title is a placeholder")
        if any(p.code == "unreadable" for p in document.text.problems):
            yield _of_document(case, "unreadable", document, "could not be read")


def _claims(case: Case) -> Iterable[Evidence]:
    for document in case.group.documents:
        claim = document.text.claim
        if not claim or document.stage in ("support", "checkpoint", "review", "validation"):
            continue
        if claim == "draft" and document.stage == "spec" and case.group.of_stage("plan"):
            claim = "draft-spec"  # what follows it is written
        tag = claim if claim.startswith("research-") else f"{claim}"
        source = f"{document.path}:{document.text.status_line}" if document.text.status_line else document.path
        detail = f'{document.kind} says "{document.text.status}"'
        yield Evidence(Tag(f"claim:{tag}"), source, detail, case.written(document), claim=True)
        if claim in ("draft", "draft-spec", "ready", "in-progress"):
            yield Evidence(Tag("claim:open"), source, detail, case.written(document), claim=True)
    if case.progress.tasks_total >= 3 and case.progress.tasks_done == case.progress.tasks_total:
        detail = f"{case.progress.tasks_done} of {case.progress.tasks_total} boxes ticked"
        yield Evidence(Tag("claim:boxes-complete"), _plan_source(case.group), detail, claim=True)


def _intent(case: Case) -> Iterable[Evidence]:
    intent = case.group.intent
    if intent is None:
        return
    at = datetime.combine(intent.created, time(), UTC) if intent.created else None
    yield Evidence(Tag("intent"), intent.path, "somebody wants it", at)
    if intent.decision:
        yield Evidence(Tag(f"decision:{intent.decision}"), intent.path, f"decided: {intent.decision}", at)
    if intent.claim:
        yield Evidence(Tag(f"claim:{intent.claim}"), intent.path, f"recorded as {intent.claim}", at, claim=True)
    yield from _recorded(intent)


def _recorded(intent: Intent) -> Iterable[Evidence]:
    """What an imported registry said, one piece of evidence for each tag, naming all rows of it."""
    said: dict[str, list[str]] = {}
    for row, words in intent.recorded:
        state, _, original = words.partition(" (")
        detail = f'{row} is recorded as "{original.rstrip(")") or state}"'
        for tag in (state, "open") if state not in ("merged", "abandoned", "open") else (state,):
            said.setdefault(tag, []).append(detail)
    for tag, details in said.items():
        yield Evidence(Tag(f"recorded:{tag}"), intent.path, ", ".join(details), claim=True)


def _held(case: Case) -> Iterable[Evidence]:
    claim = case.claim
    if claim is not None and claim.status in ("active", "idle"):
        yield Evidence(Tag("held"), "runtime", f"claim of {claim.session}", claim.since)
    elif claim is not None and claim.status == "unknown":
        yield Evidence(Tag("held"), "runtime", f"claim of {claim.session}, whether it lives is unknown", claim.since)
    elif claim is not None:
        yield Evidence(Tag("stale"), "runtime", f"claim of {claim.session}, not heard for long", claim.heard)


def _children(case: Case) -> Iterable[Evidence]:
    if not case.children:
        return
    merged = [c for c in case.children if c.state == "merged"]
    active = [c for c in case.children if c.state in ("implementing", "in-review", "merged")]
    still_open = [c for c in case.children if c.open]
    source = ", ".join(c.id for c in case.children)
    if merged and not still_open and not _phases_without_child(case):
        last = max((c.merged_at for c in merged if c.merged_at), default=None)
        yield Evidence(
            Tag("children-merged"),
            source,
            f"all {len(merged)} children are merged" if len(merged) > 1 else "its only child is merged",
            last,
        )
    elif active:
        yield Evidence(Tag("children-active"), source, _so_far(len(merged), case))
    if still_open:
        yield Evidence(
            Tag("children-open"),
            source,
            "1 child is open" if len(still_open) == 1 else f"{len(still_open)} children are open",
        )


def _phases_without_child(case: Case) -> bool:
    """Is the parent nothing but the first phases of something larger?

    A parent without a plan of its own whose children are its phases is done when they are all there;
    a single "phase 1" tells that more is to come.
    """
    phases = {c.phase for c in case.children if c.phase}
    if not phases:
        return False
    if case.group.of_stage("plan", "spec"):
        return _checkpoints_leave_some(case, phases)
    return len(case.children) == len(phases) and max(case.progress.total, 2) > len(phases)


def _checkpoints_leave_some(case: Case, phases: Iterable[str]) -> bool:
    """Do checkpoints of a planned parent and its children, all numbered, leave phases that nobody has done?"""
    done = case.progress.finished
    if not case.group.of_stage("checkpoint") or not 0 < done < case.progress.total:
        return False
    ends = [phase.partition("-")[::2] for phase in phases]
    if not all(first.isdecimal() and (last or first).isdecimal() for first, last in ends):
        return False
    covered = {n for first, last in ends for n in range(int(first), min(int(last or first), case.progress.total) + 1)}
    return len(covered | set(range(1, done + 1))) < case.progress.total


FACTS: tuple[Callable[[Case], Iterable[Evidence]], ...] = (
    _landings, _flights, _unread, _worktrees, _direct, _records, _children, _held, _stages, _intent, _claims,
)  # fmt: skip


# -- helpers


def newest_landing(group: Group) -> Landing | None:
    """The last time that work of the group reached the base."""
    landed = [v for v in _verdicts(group) if v.verdict == "landed" and v.at]
    return max(landed, key=lambda v: (v.at, v.branch), default=None)


def _verdicts(group: Group) -> Sequence[Landing]:
    return [line.landing for line in group.lines if line.landing] + list(group.vanished)


def _is_older(landing: Landing, other: Landing | None) -> bool:
    return bool(other and other.at and landing.at and landing.at < other.at)


def _evidence(tag: Tag, landing: Landing) -> Evidence:
    return Evidence(tag, (landing.commit or landing.branch)[:40], landing.detail, landing.at)


def _of_commit(tag: Tag, commit: Commit, how: str) -> Evidence:
    return Evidence(tag, commit.id, f'"{commit.subject[:80]}" {how}', commit.at)


def _of_document(case: Case, tag: str, document: Document, detail: str) -> Evidence:
    return Evidence(Tag(tag), document.path, detail, case.written(document))


def _is_archived(group: Group) -> bool:
    return bool(group.documents) and all(d.archived for d in _chief_documents(group))


def _chief_documents(group: Group) -> tuple[Document, ...]:
    """Its plans, else its specifications, else all of it."""
    return group.of_stage("plan") or group.of_stage("spec") or group.documents


def _plan_source(group: Group) -> str:
    plans = group.of_stage("plan", "spec") or group.documents
    return plans[0].path if plans else group.id


def _sources(case: Case, paths: Iterable[str]) -> list[str]:
    """The paths that are neither artifacts nor swarm's own files."""
    return [p for p in paths if p not in case.artifact_paths and not p.startswith(".swarm/")]


def _changed(branch: Branch) -> Iterable[str]:
    """What a branch changed; without a common history there is no net change, so what its commits did."""
    if branch.changes or branch.fork is not None:
        return (c.path for c in branch.changes)
    return sorted({c.path for commit in branch.own for c in commit.changes})


def _merges_cleanly(branch: Branch, base_tree: Mapping[str, BlobId]) -> bool:
    """Nothing that the branch changed was changed on the base since they parted: no merge can conflict."""
    return all(base_tree.get(c.path, BlobId("")).strip("0") == c.old.strip("0") for c in branch.changes)


def _ahead(line: Line) -> str:
    return f"branch {line.branch.name}: {_counted(len(line.branch.own), 'commit')} not in the base"


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def _so_far(merged: int, case: Case) -> str:
    if merged == len(case.children) and _phases_without_child(case):
        phases = ", ".join(sorted(c.phase for c in case.children))
        return f"phase {phases} is merged, and more phases are to come"
    return f"{merged} of {_counted(len(case.children), 'child').replace('childs', 'children')} merged"
