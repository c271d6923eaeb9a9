"""What a person may ask for: everything that is known of them, and that it is forgotten; and what ends by itself."""
