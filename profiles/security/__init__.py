"""Who may do what: clients, tokens, policy, limits, and the keys that seal what is sensitive."""
