"""The interactive page: tables that a browser computes with, the engine that does, and the page around it."""
