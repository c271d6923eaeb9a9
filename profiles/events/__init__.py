"""What somebody did or said, as one message: its shape, its way through the stream, and where it rests."""
