"""Writes tests/screens/golden/ anew: `python -m tests.screens.regold`, then read the diff before committing it."""

from .cases import GOLDEN, goldens


def main() -> None:
    """Replace all golden files by what the screens draw now."""
    GOLDEN.mkdir(exist_ok=True)
    texts = goldens()
    for old in GOLDEN.glob("*.txt"):
        if old.stem not in texts:
            old.unlink()
    for name, text in texts.items():
        (GOLDEN / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(texts)} files in {GOLDEN}")


if __name__ == "__main__":
    main()
