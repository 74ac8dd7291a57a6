"""The first line of `swarm status`, and the screens that have nothing to list."""

from collections import Counter

from reconciler.cli.screens.ink import Ink, Line, Span, length, line, plural
from reconciler.cli.screens.sheet import wrapped
from reconciler.cli.screens.text import width
from reconciler.cli.screens.words import is_open
from reconciler.model import View

CLOCK_FROM = 110  # width from which the header shows the time
CLAIMS = ("active", "idle", "stale", "unknown")


def head(view: View, needy: int, ink: Ink, *, hidden: int, shown: int, filtered: str) -> list[Line]:
    """Who we are, and the counts. Wraps between counts where the width asks for it."""
    lines = _wrapped(_segments(view, needy, ink), ink)
    extra = f"{plural(hidden, 'column')} hidden" if hidden else ""
    room = ink.look.width
    if room is not None and room >= CLOCK_FROM and len(lines) == 1 and not _is_past(view):
        lines = [(*lines[0], Span(f"   as of {ink.now:%H:%M:%S}"))]
    if room is not None and extra and room - length(lines[-1]) - width(extra) >= 3:
        gap = room - length(lines[-1]) - width(extra)
        lines[-1] = (*lines[-1], Span(" " * gap), Span(extra, "dim"))
    if filtered:
        lines.append(line(f"{shown} of {len(view.workstreams)} shown: {ink.text(filtered)}"))
    if not view.complete:
        lines.append(line(Span("incomplete: something could not be read, see swarm doctor", "red")))
    return lines


def counts(view: View, ink: Ink) -> tuple[int, int, Counter[str]]:
    """Open workstreams, blocked ones, and sessions by status."""
    opens = [stream for stream in view.workstreams if is_open(stream, ink)]
    blocked = sum(bool(stream.blocked_by) or "blocked" in stream.flags for stream in opens)
    status = {claim.session: claim.status for claim in view.claims}
    status |= {s.claim.session: s.claim.status for s in view.workstreams if s.claim}
    return len(opens), blocked, Counter(status.values())


def _segments(view: View, needy: int, ink: Ink) -> list[tuple[str, str]]:
    opens, blocked, sessions = counts(view, ink)
    base = f"  {view.base.branch} {view.base.commit[:7]}" if view.base else "  no base branch"
    said = [(ink.text(view.name) + ink.text(base), "bold"), (f"   {opens} open", "")]
    if _is_past(view):
        said.append((f"   as of {ink.now:%Y-%m-%d %H:%M}", ""))
    live = " ".join(f"{sessions[name]} {name}" for name in CLAIMS if sessions[name])
    if live:
        said.append((f"   {live}", ""))
    if blocked:
        said.append((f"    {blocked} blocked", ""))
    if needy:
        said.append((f"   {needy} need you", "yellow bold"))
    return said


def _is_past(view: View) -> bool:
    return any(problem.code == "earlier" for problem in view.problems)


def _wrapped(segments: list[tuple[str, str]], ink: Ink) -> list[Line]:
    lines: list[Line] = []
    current: Line = ()
    for text, style in segments:
        if current and ink.look.width is not None and length(current) + width(text) > ink.look.width:
            lines.append(current)
            current = (Span("  " + text.lstrip(), style),)
        else:
            current = (*current, Span(text, style))
    return [*lines, current]


def first_run(view: View, ink: Ink) -> list[Line]:
    """No workstream at all: where we looked, what git shows, what to try."""
    roots = list(dict.fromkeys(root for layout in ink.rules.layouts for root in layout.roots))
    more = plural(len(roots) - 3, "more folder")
    looked = ", ".join(roots[:3]) + (f" and {more}" if len(roots) > 3 else "")
    found = "no documents" if not view.layouts else f"no workstreams (found: {', '.join(view.layouts)})"
    where = f"Looked in {looked} ({plural(len(ink.rules.layouts), 'layout')}): {found}."
    git = f"Git: {plural(view.branches, 'unmerged branch', 'unmerged branches')}, {plural(view.worktrees, 'worktree')}."
    lines = wrapped((), f"{ink.text(where)} {git}", ink)
    problems = sum(problem.severity == "error" for problem in view.problems)
    if problems or not view.complete:
        lines.append(line(Span(f"{plural(problems, 'file')} could not be read: swarm doctor", "red")))
    return [*lines, line('Try: swarm demo, swarm doctor, swarm add "TITLE"')]


def nothing_found(view: View, filtered: str, ink: Ink) -> list[Line]:
    """A filter that left nothing; the only screen that says so."""
    opens, _, _ = counts(view, ink)
    text = f"Nothing found for {ink.text(filtered)}: {opens} open, {len(view.workstreams) - opens} closed."
    return [*wrapped((), text, ink), line("See all: swarm status --all")]
