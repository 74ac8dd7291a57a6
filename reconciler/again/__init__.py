"""A pass of a new process that follows another: the ledger of the last one, and how few changes are put into it."""
