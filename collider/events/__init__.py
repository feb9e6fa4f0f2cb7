"""W events: kernel, generator, pseudo-data, and events of other generators."""
