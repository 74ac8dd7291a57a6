"""swarm: what is really in flight in a repository, derived from documents, branches and merges."""

__version__ = "0.1.0"
