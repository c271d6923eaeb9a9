"""Agents: who may sign in, what they see of conversations and customers, and what they do with them."""
