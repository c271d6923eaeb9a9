"""One id for one person: links that are certain, candidates that are likely, merges that can be undone."""
