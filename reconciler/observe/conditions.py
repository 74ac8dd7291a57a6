"""What is unusual about the repository itself, in one line each: it limits what can be seen."""

from reconciler.model import Problem, RepoFacts
from reconciler.observe.git import GitRepo


def read_conditions(git: GitRepo, facts: RepoFacts) -> tuple[Problem, ...]:
    """Shallow history, a bare repository, a main work tree on no branch."""
    found = []
    if facts.history.shallow:
        text = f"the history is cut to {len(facts.history.commits)} commits, so what landed before cannot be proven"
        found.append(Problem("shallow", text, hint="git fetch --unshallow"))
    if git.is_bare and not facts.root:
        text = "a bare repository: only what is committed can be seen"
        found.append(Problem("bare", text, severity="info"))
    if any(tree.main and tree.detached for tree in facts.worktrees):
        text = "the main work tree is on no branch (detached HEAD)"
        found.append(Problem("detached", text, severity="info"))
    return tuple(found)
