"""The demo world: the shop "Hearth & Volt", its customers and its order API. Not part of a real installation."""
