"""What a merge's subject says: which branches came in, and where they went. Text in, names out."""

import re

from reconciler.frozen import frozen

_INTO = re.compile(r"""\s+into\s+(?:branch\s+)?['"]?([^\s'"]+)['"]?\s*$""")
_QUOTED = re.compile(r"'(.+?)'(?=$|,|;| and | of | into )")
_BRANCHES = re.compile(r"^merged? (?P<remote>remote(?:-tracking)? )?branch(?:es)? ", re.IGNORECASE)
_FORMS = (
    re.compile(r"^Merge pull request #(?P<number>\d+) in \S+ from (?P<name>\S+) to \S+"),
    re.compile(r"^Merge pull request #(?P<number>\d+) from [^/\s]+/(?P<name>\S+)"),
    re.compile(r"^Merge pull request '.*' \(#(?P<number>\d+)\) from (?:[^\s:]+:)?(?P<name>\S+)"),
    re.compile(r"^Merged in (?P<name>\S+) \(pull request #(?P<number>\d+)\)"),
    re.compile(r"^merged? (?P<name>[^\s'\"]+) into \S+$", re.IGNORECASE),
    re.compile(r"^merged? branch (?P<name>[^\s'\"]+)$", re.IGNORECASE),
    re.compile(r"^merged? (?P<name>[^\s'\"]+/[^\s'\"]+)$", re.IGNORECASE),
)
_NUMBER = re.compile(r"(?<!\s)\s*\(#(\d+)\)\s*$")  # blanks are tried from their first one only
_WORD = re.compile(r"[a-z0-9]+")


@frozen
class MergeSubject:
    """``names`` as written; ``remote`` names still carry their remote's name in front."""

    names: tuple[str, ...] = ()
    into: str = ""
    remote: bool = False
    url: bool = False  # "of URL": pulled from another repository
    number: str = ""


def read_merge(subject: str) -> MergeSubject:
    """The branches that a merge subject names, in any of the usual spellings; nothing when it names none."""
    text = subject.strip()[:1000]
    into = _INTO.search(text)
    target = into[1] if into else ""
    head = _BRANCHES.match(text)
    if head:
        body = text[: into.start()] if into else text
        names = tuple(dict.fromkeys(_QUOTED.findall(body)))
        if names:
            remote = bool(head["remote"]) or "remote-tracking branch" in body
            return MergeSubject(names, target, remote, bool(re.search(r"' of \S+$", body)))
    for form in _FORMS:
        found = form.match(text)
        if found:
            return MergeSubject((found["name"],), target, number=found.groupdict().get("number") or "")
    return MergeSubject(into=target)


def without_number(subject: str) -> tuple[str, str]:
    """("Add login", "42") for "Add login (#42)"."""
    found = _NUMBER.search(subject)
    return (subject[: found.start()], found[1]) if found else (subject.strip(), "")


def words(text: str) -> frozenset[str]:
    """Lower-case words and numbers of a subject or a branch name."""
    return frozenset(_WORD.findall(text.lower()))


def mentions(text: str, name: str) -> bool:
    """Whether a text names a branch in full, as a word of its own. Plain words are no names."""
    if not re.search(r"[/\d_-]", name) or len(name) < 6:
        return False
    return re.search(rf"(?<![\w/.-]){re.escape(name)}(?![\w/-])", text) is not None
