"""The explorer: one offline page on which a parameter point is moved through all limits."""
