"""Git hooks: what is written into them, who else manages them, and what happens when git calls. Lives at the edge."""
