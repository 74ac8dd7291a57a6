"""Names of branches and phases, taken apart by the patterns of the rules."""

import re

from reconciler.derive.references import slugify, without_date
from reconciler.policy import Rulebook

_REMOTE = re.compile(r"^(?:refs/heads/|refs/remotes/[^/]+/|(?:origin|upstream)/)")


def phase_key(label: str) -> str:
    """A phase label folded for comparison: "1", "a", "2-3"; "all" is no phase of its own."""
    folded = label.strip().casefold().replace("–", "-").replace(" ", "")
    return "" if folded == "all" else folded


def without_remote(ref: str) -> str:
    """The branch's name in a full ref name, or in one that starts with a usual remote."""
    return _REMOTE.sub("", ref)


class BranchNames:
    """Reads branch names by ``[branches]`` in layouts.toml; remembers what it has read."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rules = rulebook.branches
        self._phases = rulebook.words.phase
        self._known: dict[str, tuple[str, str]] = {}

    def is_ignored(self, name: str) -> bool:
        return any(pattern.fullmatch(name) for pattern in self._rules.ignore)

    def parse(self, name: str) -> tuple[str, str]:
        """(slug, phase) of a branch name as people write it; ("", "") when it is nobody's feature."""
        if name not in self._known:
            self._known[name] = self._parse(without_remote(name.strip("`'\" ")))
        return self._known[name]

    def _parse(self, name: str) -> tuple[str, str]:
        if not name or self.is_ignored(name) or " " in name:
            return "", ""
        for pattern in self._rules.slug:
            if match := pattern.fullmatch(name):
                return self.cut_phase(slugify(match["slug"]))
        return self.cut_phase(slugify(without_date(name.rpartition("/")[2])))

    def cut_phase(self, slug: str) -> tuple[str, str]:
        """("turn-system", "2") of "turn-system-phase-2"."""
        for pattern in self._phases:
            if (match := pattern.search(slug)) and match.start() > 0:
                return slug[: match.start()].rstrip("-"), phase_key(match["phase"] or "")
        return slug, ""
