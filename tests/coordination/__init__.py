"""Tests of reconciler/coordination."""
