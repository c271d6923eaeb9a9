"""What customers say in the preference centre: what they allow, what they like, and short surveys."""
