"""The preference centre: a page on which customers see and change what they allow and like."""
