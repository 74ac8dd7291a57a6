"""The entry. Hot paths answer here, before anything heavy is imported."""

import gc
import os
import sys

LASTING = {"watch", "--watch", "board", "serve", "mcp"}


def main() -> int:
    """Run the command line; returns the exit code."""
    try:
        return _answer(sys.argv[1:])
    except KeyboardInterrupt:  # while it was still importing; later ones are caught where they can be told apart
        return 130


def _answer(words: list[str]) -> int:
    if sys.getfilesystemencoding() != "utf-8":  # names in git are UTF-8, whatever the locale says
        again = [sys.executable, "-P", "-X", "utf8", "-m", "reconciler", *words]
        os.execv(sys.executable, again)  # noqa: S606  (ourselves, with the same words)
    if words == ["--version"]:
        from reconciler import __version__

        print(f"swarm {__version__}")
        return 0
    if "heartbeat" in words:
        from reconciler.coordination.beat import main as beat

        code = beat(words)
        if code is not None:  # None: not a plain heartbeat, the command line answers
            return code
    if words[:1] in (["status"], ["reconcile"], ["-C"]):
        from reconciler.gate import answer

        code = answer(words)
        if code is not None:
            return code
    if words[:2] == ["hook", "git"]:
        from reconciler.cli.hooked import git_hook

        return git_hook()
    if words[:1] == ["hook"] and len(words) > 2 and not any(word in ("-h", "--help") for word in words):
        from reconciler.cli.hosted import host_hook

        return host_hook(words[1:])
    if words[:1] == ["statusline"]:
        from reconciler.cli.segment import main as segment

        code = segment(words[1:])
        if code is not None:
            return code
    from reconciler.cli.app import run

    if not LASTING & set(words):
        gc.disable()  # one answer and out: nothing lives long enough to be worth collecting
    return run(words)


if __name__ == "__main__":
    sys.exit(main())
