"""What the commands of coordination stand on: where the facts lie, who asks, when; and a holder as JSON."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.cli.options import settings
from reconciler.config import Config, load_config, user_folder
from reconciler.coordination.beat import HOME
from reconciler.coordination.holdings import Holding
from reconciler.coordination.identity import Here, Identity, here, identity_from
from reconciler.coordination.leases import Limits
from reconciler.files import in_the_way
from reconciler.frozen import frozen

if TYPE_CHECKING:
    from reconciler.observe.git import GitRepo


@frozen
class Ground:
    """``root`` is ``<git common dir>/swarm``."""

    root: Path
    who: Identity
    here: Here
    limits: Limits
    config: Config
    work_root: Path | None = None  # the main work tree
    git: "GitRepo | None" = None  # where it was opened here


def ground(config: Config, common_dir: Path, session: str = "", work_root: Path | None = None) -> Ground:
    """The ground of a repository that was looked at already. Raises SwarmError where a link leads it elsewhere."""
    who = identity_from(os.environ, session=session, folder=settings().folder)
    limits = Limits(config.stale_after * 60, config.idle_after * 60)
    root = common_dir / HOME
    if root.is_symlink():
        raise in_the_way(root, "a symbolic link")
    return Ground(root, who, here(), limits, config, work_root)


def open_ground(session: str = "") -> Ground:
    """The ground around the folder of this run, without a look at the documents. Raises NoRepository."""
    from reconciler.observe.git import open_git

    git = open_git(settings().folder)
    config = load_config(git.root, os.environ, user_folder(os.environ), {})
    return replace(ground(config, git.common_dir, session, git.root), git=git)


def holder_row(holding: Holding) -> dict[str, Any]:
    """Who holds, as JSON: the keys of instances.json, and since when."""
    from reconciler.publish.rows import moment

    record, sign = holding.record, holding.sign
    return {
        "sessionId": holding.session or None,
        "host": sign.host or None,
        "pid": sign.pid,
        "since": moment(when(record.since)) if record else None,
        "lastHeartbeat": moment(when(sign.heard if sign.heard is not None else sign.touched)),
        "holderStatus": holding.verdict.status,
        "why": holding.verdict.why or None,
        "worktree": sign.worktree or None,
        "branch": sign.branch or None,
    }


def when(seconds: float) -> datetime:
    """A stamp as a time."""
    return datetime.fromtimestamp(seconds, UTC)
