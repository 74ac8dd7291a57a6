"""The parts of docs/reference/files.md that describe what swarm writes, from the JSON Schemas."""

from collections.abc import Mapping
from typing import Any

from reconciler.publish import schemas

from .paths import table


def parts() -> str:
    """One section per schema, then the values that they share."""
    lines: list[str] = []
    shared: dict[str, Mapping[str, Any]] = {}
    for name in schemas.names():
        schema = schemas.schema(name)
        shared |= schema.get("$defs", {})
        lines += [f"### {schema.get('title', name)}\n", *_describe(schema), f"Schema: `swarm schema {name}`.\n"]
    for name, value in sorted(shared.items()):
        if value.get("type") == "object":
            lines += [f"### a {name}\n", *_describe(value)]
    return "\n".join(lines)


def _describe(schema: Mapping[str, Any]) -> list[str]:
    lines = [schema["description"] + "\n"] if schema.get("description") else []
    rows = [(f"`{key}`", kind(value), value.get("description", "")) for key, value in schema["properties"].items()]
    return [*lines, table(("key", "is", "means"), rows)]


def kind(schema: Mapping[str, Any]) -> str:
    """A type in words: ``list of document``, ``text or null``."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(map(kind, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {kind(schema['items'])}" if schema.get("items") else "list"
    types = schema.get("type", "anything")
    names = {"string": "text", "integer": "number", "boolean": "true or false"}
    return " or ".join(names.get(t, t) for t in ([types] if isinstance(types, str) else types))
