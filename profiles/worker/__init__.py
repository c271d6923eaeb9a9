"""The worker: takes accepted events from the stream and applies them to customers (`python -m profiles work`)."""
