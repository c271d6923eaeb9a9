"""The report on a model: how well it understands, for people who teach it."""
