"""What partners know of customers who allow it: asked for, kept with licence and expiry."""
