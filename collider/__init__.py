"""pp -> W -> l nu4: production, decay, event generator, templates and reach."""
