"""One line for each step of ``swarm worktree``."""

from reconciler.printable import printable
from reconciler.trees.plan import Step, git


def step_line(step: Step, state: str, more: str) -> str:
    """``done    merge    merge feature/x into main``; where nothing was done, the commands too."""
    lines = [f"{state:7} {step.name:10} {printable(step.say)}" + (f": {printable(more)}" if more else "")]
    if state in ("would", "failed"):
        lines += [f"{'':18} {printable(git(one.folder, *one.words))}" for one in step.commands]
    return "\n".join(lines)
