"""The MCP server, driven by the SDK."""
