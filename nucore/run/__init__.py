"""Long runs: pieces of numbered items on any executor, kept on disk until the result is there.

A result depends on the numbers of the items alone, so it is bit-identical for any number of workers, on one machine or
a cluster, for any pieces and shards, interrupted and resumed or not.
"""
