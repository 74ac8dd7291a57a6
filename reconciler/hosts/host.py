"""One host as ``rules/hosts.toml`` describes it. Imports nothing: a hook is answered with every prompt."""

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself costs milliseconds
    from collections.abc import Mapping, Sequence


class Host:
    """What a host calls things, and how it is answered; the fields are those of a ``[[host]]`` that a hook needs."""

    __slots__ = ("also", "answers", "cwd", "edits", "envfile", "events", "id", "input", "patches",
                 "paths", "reason", "session", "tool", "variables")  # fmt: skip

    def __init__(
        self,
        *,
        id: str,
        session: "Sequence[str]",
        cwd: "Sequence[str]",
        tool: "Sequence[str]",
        input: "Sequence[str]",
        reason: "Sequence[str]",
        variables: "Sequence[str]",
        envfile: str,
        edits: "Sequence[str]",
        paths: "Sequence[str]",
        patches: "Sequence[str]",
        events: "Mapping[str, str]",
        answers: "Mapping[str, object]",
        also: "Mapping[str, str]",
    ) -> None:
        self.id = id
        self.session = session
        self.cwd = cwd
        self.tool = tool
        self.input = input
        self.reason = reason
        self.variables = variables
        self.envfile = envfile
        self.edits = edits
        self.paths = paths
        self.patches = patches
        self.events = events
        self.answers = answers
        self.also = also

    def meaning(self, event: str) -> str:
        """What an event of the host is to us: start, prompt, stop, end or tool; "" when it is nothing."""
        return self.events.get(event) or self.also.get(event, "")
