"""Understanding: train, evaluate and serve the encoder (intent, sentiment, scope) and extract entities."""
