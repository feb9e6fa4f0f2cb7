"""Likelihood, flavours, W mass and reach of a W experiment."""
