"""What git complains about, as errors of ours: one line that says what, one that says what to do."""

from collections.abc import Sequence
from pathlib import Path

from reconciler.errors import NoRepository, SwarmError


class GitError(SwarmError):
    """A git command failed; callers narrow down what could not be read."""

    code = NoRepository.code


def failure(args: Sequence[str], err: bytes) -> GitError:
    text = _complaint(err)
    return GitError(f"git {args[0]} failed: {text or 'no reason given'}", hint="git fsck")


def no_repository(folder: Path, err: bytes) -> NoRepository:
    text = err.decode("utf-8", "replace")
    if "dubious ownership" in text or "safe.directory" in text:
        advice = [line.strip() for line in text.splitlines() if "safe.directory" in line]
        return NoRepository(
            f"git does not trust the owner of {shown(folder)}",
            hint=advice[0] if advice else "git config --global --add safe.directory DIR",
        )
    if "not a git repository" in text:
        return NoRepository(f"not a git repository: {shown(folder)}", hint="swarm demo, or git init")
    if "unknown repository extension" in text or "repo version" in text:
        return NoRepository(f"this git is too old for {shown(folder)}: {_complaint(err)}", hint="install a newer git")
    return NoRepository(f"git cannot read {shown(folder)}: {_complaint(err)}", hint="git status")


def _complaint(err: bytes) -> str:
    """The first line in which git says what is wrong, fit for a terminal; with the next when it ends in ":"."""
    lines = [line.strip() for line in err.decode("utf-8", "replace").splitlines() if line.strip()]
    first = next((n for n, line in enumerate(lines) if line.startswith(("fatal:", "error:"))), 0)
    said = lines[first : first + 2]
    if not said:
        return ""
    text = " ".join(said) if said[0].endswith(":") else said[0]
    return plain(text.removeprefix("fatal:").removeprefix("error:").strip())


def plain(text: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)[:300]


def shown(folder: Path) -> str:
    return plain(str(folder))
