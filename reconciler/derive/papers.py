"""Which files are about the work instead of being the work: documents, and what lies beside them in their folders."""

from collections.abc import Iterable

from reconciler.policy import Layout

_ENDINGS = (".md", ".mdx", ".txt", ".json", ".yml", ".yaml", ".toml")


class Papers:
    """Holds every document, and texts and settings below the folders of the layouts that are in use."""

    def __init__(self, documents: Iterable[str], layouts: Iterable[Layout], used: Iterable[str]) -> None:
        self._documents = frozenset(documents)
        in_use = frozenset(used)
        roots = {f"{root}/" for layout in layouts if layout.id in in_use for root in layout.roots if root != "."}
        self._roots = tuple(sorted(roots))

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, str):
            return False
        return path in self._documents or (path.endswith(_ENDINGS) and path.startswith(self._roots))
