"""``swarm install``: hooks, skills and an MCP server go into the settings of agent hosts, and out again."""
