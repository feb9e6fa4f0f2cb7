"""Long runs: chunks of numbered items -> any executor -> results in order, kept on disk until the run is done.

A result depends on the number of an item alone, so it is the same bit for bit for any number of workers, on this
machine or a cluster, for any chunks and shards, interrupted and resumed or not.
"""
