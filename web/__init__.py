"""The conversation server, its widget and its demo page. Reaches bot and profiles by HTTP only."""
