"""Which records speak of the same person, learnt from the records alone (Fellegi and Sunter's model, by Splink).

`reading` reads a file, `columns` says what its columns are, `values` spells their values in one way, `blocking`
chooses the pairs worth comparing, `comparisons` says how alike two values can be, `model` learns and scores.
Knows nothing of customers: `profiles.identity` gives it theirs.
"""
