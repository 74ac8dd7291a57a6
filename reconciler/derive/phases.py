"""How far a workstream got through its phases: boxes and checkpoints, whichever is further."""

from collections.abc import Sequence

from reconciler.derive.groups import Group
from reconciler.derive.names import phase_key
from reconciler.frozen import frozen
from reconciler.model import Document


@frozen
class Progress:
    """``finished`` of ``total`` phases; ``checked`` of them by a checkpoint or a status of their own."""

    finished: int = 0
    total: int = 0
    checked: int = 0
    all_at_once: bool = False  # a checkpoint for all phases
    tasks_done: int = 0
    tasks_total: int = 0

    @property
    def current(self) -> int | None:
        return min(self.finished + 1, self.total) if self.total else None

    @property
    def text(self) -> str:
        return f"{self.finished}/{self.total}" if self.total else ""


def read_progress(group: Group) -> Progress:
    """Phases of the group's plan, taken together with its checkpoints."""
    plans = [d for d in group.documents if d.stage in ("plan", "spec") or d.folder]
    plan = max(plans, key=lambda d: (len(d.text.phases), d.stage == "plan", d.path), default=None)
    tasks = max(((d.text.boxes_done, d.text.boxes_total) for d in plans), key=lambda t: t[1], default=(0, 0))
    labels = [phase_key(p.label) for p in plan.text.phases] if plan else []
    boxed = {phase_key(p.label) for p in plan.text.phases if p.total and p.done == p.total} if plan else set()
    checked, announced, everything = _checkpoints(group.of_stage("checkpoint"))
    checked |= {phase_key(p.label) for p in plan.text.phases if _says_done(p.status)} if plan else set()
    known = list(dict.fromkeys(labels)) or sorted(checked)
    total = max(len(known), announced if not labels else 0)
    if everything:
        return Progress(total, total, total, True, *tasks)
    done = [label for label in known if label in checked or label in boxed]
    return Progress(len(done), total, len([x for x in known if x in checked]), False, *tasks)


def _checkpoints(documents: Sequence[Document]) -> tuple[set[str], int, bool]:
    """(labels of complete phases, number of phases they speak of, does one close them all?)"""
    labels: set[str] = set()
    announced, everything = 0, False
    for document in documents:
        if document.text.claim in ("in-progress", "draft", "verdict-fail"):
            continue
        everything |= document.phase.casefold() == "all"
        labels.update(_span(phase_key(document.phase or document.text.phase_of[0])))
        total = document.text.phase_of[1]
        announced = max(announced, int(total) if total.isdigit() and len(total) < 4 else 0)
    return labels - {""}, announced, everything


def _span(label: str) -> list[str]:
    """ "2-3" is phases 2 and 3."""
    first, dash, last = label.partition("-")
    if dash and first.isdigit() and last.isdigit() and 0 < int(last) - int(first) < 50:
        return [str(n) for n in range(int(first), int(last) + 1)]
    return [label]


def _says_done(status: str) -> bool:
    folded = status.casefold()
    return any(word in folded for word in ("complete", "done", "✅", "完了")) and "incomplete" not in folded
