"""Writes tests/screens/golden/ and the drawn parts of docs/reference/screens.md anew.

`python -m tests.screens.regold`, then read the diff before committing it.
"""

from .cases import GOLDEN, PAGE, goldens, page


def main() -> None:
    """Replace all golden files, and what the page shows, by what the screens draw now."""
    GOLDEN.mkdir(exist_ok=True)
    texts = goldens()
    for old in GOLDEN.glob("*.txt"):
        if old.stem not in texts:
            old.unlink()
    for name, text in texts.items():
        (GOLDEN / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), texts), encoding="utf-8", newline="\n")
    print(f"{len(texts)} files in {GOLDEN}, and {PAGE.name}")


if __name__ == "__main__":
    main()
