"""Work trees made and finished: what the steps are (plan.py), and git that changes something (git.py, steps.py)."""
