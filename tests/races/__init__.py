"""Many processes at the same workstreams, some killed: the histories must be explainable by one owner at a time."""
