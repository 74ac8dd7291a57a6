"""Says "look now" when something changes: folders, pace, transitions, notices. Lives at the edge; decides nothing."""
