"""What Rasa loads: input channel, graph components, tracker store, lock store, reply texts; and the server."""
