"""Attributes of customers: declared in a versioned schema, sent by sources, settled by a matrix, kept with history.

A *trait* is an attribute value that a source sent. All of them are kept; which one counts, now or at an earlier
time, is a function of the set of them.
"""
