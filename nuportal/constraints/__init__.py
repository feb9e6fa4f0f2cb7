"""Constraints: what the model predicts at parameter points, beside what was measured."""
