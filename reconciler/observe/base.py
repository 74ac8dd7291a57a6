"""Which branch is the base, from the refs and the configuration. Understands, reads nothing."""

from collections.abc import Mapping, Sequence

from reconciler.errors import SwarmError
from reconciler.frozen import frozen
from reconciler.model import CommitId

_HEADS = "refs/heads/"
_REMOTES = "refs/remotes/"
NOTHING = CommitId("0" * 40)  # where a ref points whose file is torn
_USUAL = ("main", "master", "trunk", "mainline", "develop")


@frozen
class Ref:
    name: str  # full
    id: CommitId
    target: str = ""  # of a symbolic ref
    upstream: str = ""  # full name of the ref it follows
    kind: str = ""  # of the object it names; "" when not all objects are there


@frozen
class BaseChoice:
    """The base's name, the refs that may speak for it, and how it was found."""

    branch: str
    refs: tuple[Ref, ...]  # local first
    why: str
    guessed: bool = False


def choose_base(
    refs: Sequence[Ref], remotes: Sequence[str], *, configured: str, default: str, head: str
) -> BaseChoice | None:
    """The base branch: configured, the remote's HEAD, init.defaultBranch, usual names, the only one, HEAD's."""
    by_name = {ref.name: ref for ref in refs}
    if configured:
        return _configured(by_name, remotes, configured)
    for remote in remotes:
        target = by_name.get(f"{_REMOTES}{remote}/HEAD", Ref("", CommitId(""))).target
        if target in by_name:
            name = target.removeprefix(f"{_REMOTES}{remote}/")
            return BaseChoice(name, _speakers(by_name, remotes, name), f"{remote}/HEAD")
    for name, why in ((default, "init.defaultBranch"), *((usual, "its name") for usual in _USUAL)):
        found = _speakers(by_name, remotes, name) if name else ()
        if found:
            return BaseChoice(name, found, why)
    return _last_resort(by_name, remotes, head)


def short_name(ref: str, remotes: Sequence[str]) -> str:
    """ "feature/x" for refs/heads/feature/x and refs/remotes/origin/feature/x."""
    if ref.startswith(_HEADS):
        return ref.removeprefix(_HEADS)
    tail = ref.removeprefix(_REMOTES)
    fitting = [r for r in remotes if tail.startswith(f"{r}/")]
    if fitting:
        return tail.removeprefix(f"{max(fitting, key=len)}/")
    return tail.partition("/")[2] or tail


def _configured(by_name: Mapping[str, Ref], remotes: Sequence[str], name: str) -> BaseChoice:
    if name in by_name:  # a full ref name
        return BaseChoice(short_name(name, remotes), (by_name[name],), "configured")
    found = _speakers(by_name, remotes, name)
    if found:
        return BaseChoice(name, found, "configured")
    if f"{_REMOTES}{name}" in by_name:
        ref = by_name[f"{_REMOTES}{name}"]
        return BaseChoice(short_name(ref.name, remotes), (ref,), "configured")
    shown = "".join(c if c.isprintable() else "?" for c in name)
    raise SwarmError(f'the configured base branch "{shown}" does not exist', hint="git branch --all")


def _speakers(by_name: Mapping[str, Ref], remotes: Sequence[str], name: str) -> tuple[Ref, ...]:
    """The local ref of a name, and that of the first remote which has one."""
    local = by_name.get(_HEADS + name)
    if local and local.upstream and local.upstream in by_name and short_name(local.upstream, remotes) == name:
        return local, by_name[local.upstream]
    there = [by_name[f"{_REMOTES}{r}/{name}"] for r in remotes if f"{_REMOTES}{r}/{name}" in by_name]
    return tuple(ref for ref in (local, *there[:1]) if ref)


def _last_resort(by_name: Mapping[str, Ref], remotes: Sequence[str], head: str) -> BaseChoice | None:
    names = sorted({short_name(ref.name, remotes) for ref in by_name.values() if not ref.target})
    if len(names) == 1:
        return BaseChoice(names[0], _speakers(by_name, remotes, names[0]), "the only branch")
    if head in by_name:
        name = head.removeprefix(_HEADS)
        return BaseChoice(name, (by_name[head],), "checked out in the main work tree", guessed=True)
    return None
