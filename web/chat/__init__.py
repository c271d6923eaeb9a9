"""Conversations: who owns them, in which order messages stand, who may read them, what the bot is asked."""
