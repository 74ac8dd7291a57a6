"""Random settings files as people write them: JSON with comments, in every layout."""

import json

from hypothesis import strategies as st

_KEYS = st.sampled_from(
    ["hooks", "env", "model", "Stop", "SessionStart", "x y", "ключ", "mcpServers", "swarm", "version"]
)
_SCALARS = st.one_of(
    st.sampled_from(["true", "false", "null", "0", "-1.50e+10", '"http://x/*y*/"', '"a\\"b"', '"\\u00e9"', '"{[,"']),
    st.text(max_size=5).map(lambda text: json.dumps(text, ensure_ascii=True)),
)
_COMMENTS = st.sampled_from(["", "", "", "", "/* c */", "/* } ] */", "// line\n", "// , { \n"])
_GAPS = st.tuples(st.sampled_from(["", " ", "\n", "\n  ", "\t"]), _COMMENTS, st.sampled_from(["", " ", "\n\t"]))


@st.composite
def values(draw: st.DrawFn, depth: int = 3) -> str:
    """One value with gaps around everything in it."""
    kind = draw(st.sampled_from(["object", "object", "list", "scalar"])) if depth else "scalar"
    if kind == "scalar":
        return draw(_SCALARS)
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        key = json.dumps(draw(_KEYS), ensure_ascii=False) + draw(gaps()) + ":" if kind == "object" else ""
        parts.append(draw(gaps()) + key + draw(gaps()) + draw(values(depth - 1)) + draw(gaps()))
    trailing = "," + draw(gaps()) if parts and draw(st.booleans()) else draw(gaps()) if not parts else ""
    opening, closing = "{}" if kind == "object" else "[]"
    return opening + ",".join(parts) + trailing + closing


@st.composite
def gaps(draw: st.DrawFn) -> str:
    before, comment, after = draw(_GAPS)
    return before + comment + after


@st.composite
def objects(draw: st.DrawFn) -> str:
    """A whole file: an object with what people have around it, in the line ends they have."""
    members = []
    for _ in range(draw(st.integers(0, 4))):
        key = json.dumps(draw(_KEYS), ensure_ascii=False)
        members.append(draw(gaps()) + key + draw(gaps()) + ":" + draw(gaps()) + draw(values()) + draw(gaps()))
    text = draw(gaps()) + "{" + ",".join(members) + ("," if members and draw(st.booleans()) else "")
    text += draw(gaps()) + "}" + draw(gaps())
    bom = "\ufeff" if draw(st.booleans()) else ""
    return bom + (text.replace("\n", "\r\n") if draw(st.booleans()) else text)


_LINES = st.sampled_from([
    "", "# remark", "  # [mcp_servers.swarm]", "a = 1", "b = [ # ]\n  [1],\n]", 'q = "[a#"', "d.e = { f = 1 }",
    "t = \'\'\'\n[mcp_servers.swarm]\n\'\'\'", 's = """\n[x]\\"\n"""',
])  # fmt: skip
_HEADS = st.sampled_from(
    ["[x]", "[[y]]", "[mcp_servers.other]", '["mcp_servers" . "o.p"] # ]', "[mcp_servers]", "[x.z]"]
)


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A TOML file, valid or not quite: lines, then tables with lines, in the line ends people have."""
    parts = list(dict.fromkeys(draw(st.lists(_LINES, max_size=4))))
    for head in dict.fromkeys(draw(st.lists(_HEADS, max_size=4))):
        parts += ["", head, *dict.fromkeys(draw(st.lists(_LINES, max_size=4)))]
    text = "\n".join(parts) + draw(st.sampled_from(["", "\n", "\n\n"]))
    bom = "\ufeff" if draw(st.booleans()) else ""
    return bom + (text.replace("\n", "\r\n") if draw(st.booleans()) else text)


@st.composite
def pages(draw: st.DrawFn) -> str:
    """A Markdown file with fences, remarks and half of what looks like a marker."""
    line = st.sampled_from(["", "# A", "text", "```", "~~~sh", "<!-- x -->", "swarm:start", "  - item", "@AGENTS.md"])
    text = "\n".join(draw(st.lists(line, max_size=8))) + draw(st.sampled_from(["", "\n", "\n\n"]))
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text
