"""Brings files of other systems in: customers, orders, tickets and events, by a mapping of their columns."""
