"""``swarm status --watch``: the screen again whenever something changed. It looks, and writes nothing but its cache."""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from types import FrameType
from typing import TYPE_CHECKING, Any

from reconciler.cli.options import settings
from reconciler.cli.session import drawing, remark, say, take_a_look
from reconciler.cli.watching import begin_afresh, begun, ground_of
from reconciler.errors import Exit, SwarmError
from reconciler.frozen import frozen
from reconciler.printable import printable

if TYPE_CHECKING:
    from reconciler.model import View
    from reconciler.reconcile import Look
    from reconciler.watch.loop import Seen, Touched
    from reconciler.watch.notices import Notice
    from reconciler.watch.transitions import Event

HOME, REST_OF_LINE, REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"
QUIET = 0.05  # seconds without news before a look


@frozen
class Frame:
    """What one look gives to print: a screen with remarks, or a document."""

    text: str = ""
    remarks: tuple[str, ...] = ()
    document: Mapping[str, Any] | None = None


def follow(draw: "Callable[[Look], Frame]", *, interval: float) -> int:
    """Print a frame now and after every change, until a signal ends it; looks at least every ``interval`` seconds."""
    from reconciler.observe.git import open_git
    from reconciler.reconcile import Kept
    from reconciler.watch.loop import Ears, Seen
    from reconciler.watch.pace import Pace

    git, kept, ended = open_git(settings().folder), Kept(go_on=True), list[int]()
    screen = Screen()
    draw(take_a_look(kept=kept))  # what is wrong with the command line is told now

    def look(_: "Touched") -> "Seen":
        seen = take_a_look(kept=kept)
        screen.take(seen.view, draw(seen))
        return Seen(seen.view, ground_of(seen))

    with ExitStack() as stack:
        ears = Ears()
        watcher = begun(git, look, screen, pace=Pace(QUIET, interval=interval), ears=ears, ended=ended, stack=stack)
        _on_resize(lambda: ears.hear(f"{git.common_dir.resolve()}/HEAD"), stack)
        watcher.run()
    if watcher.is_worn:
        begin_afresh()
    if watcher.is_gone:
        return Exit.NO_REPO
    return Exit.INTERRUPTED if signal.SIGINT in ended else Exit.OK


def _on_resize(heard: Callable[[], None], stack: ExitStack) -> None:
    def handler(_number: int, _frame: FrameType | None) -> None:
        heard()

    stack.callback(signal.signal, signal.SIGWINCH, signal.signal(signal.SIGWINCH, handler))


class Screen:
    """Prints frames: in place on a terminal that can, else one after the other, each once."""

    def __init__(self) -> None:
        self._view: View | None = None
        self._frame = self._printed = Frame()
        self._is_new = True
        self._in_place = drawing().width is not None and not drawing().accessible and os.environ.get("TERM") != "dumb"

    def take(self, view: "View", frame: Frame) -> None:
        """What the look that ends now gave. Ages alone are no news, except where the screen is drawn in place."""
        self._is_new = self._is_new or view != self._view
        self._view, self._frame = view, frame

    def looked(self) -> None:
        in_place = self._in_place and self._frame.document is None
        if self._frame != self._printed and (in_place or self._is_new):
            if in_place:
                _redraw(self._frame)
            else:
                _append(self._frame, after=self._printed)
            sys.stdout.flush()
            self._printed = self._frame
        self._is_new = False

    def failed(self, error: SwarmError) -> None:
        remark(f"error: {error.message}" + (f" (hint: {error.hint})" if error.hint else ""))

    def moved(self, events: "tuple[Event, ...]") -> None:
        """The next frame shows it."""

    def notice(self, notice: "Notice") -> None:
        """The next frame shows it."""


def _append(frame: Frame, *, after: Frame) -> None:
    if frame.document is not None:
        say(json.dumps(frame.document, ensure_ascii=True, sort_keys=True))
        return
    say(("\n" if after.text else "") + frame.text)
    sys.stdout.flush()
    for text in frame.remarks if frame.remarks != after.remarks else ():
        remark(text)


def _redraw(frame: Frame) -> None:
    """Over what is there, line by line. The last lines are the screen: of one too long the middle is left out."""
    quiet = settings().quiet
    lines = [*frame.text.splitlines(), *(printable(text) for text in frame.remarks if not quiet)]
    room = _height() - 1
    if len(lines) > room:
        lines = [*lines[:1], *_last(lines[1:], room - 1)]
    say(HOME + "\n".join(f"{line}{REST_OF_LINE}" for line in lines) + REST_OF_SCREEN)


def _last(lines: Sequence[str], count: int) -> Sequence[str]:
    return lines[len(lines) - count :] if count > 0 else ()


def _height() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).lines or 24
    except (OSError, ValueError):
        return 24
