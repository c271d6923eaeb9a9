"""One spelling for each value: pure functions from what people and systems write to what is kept.

All of them give None for what they don't understand, never a guess, and give back what they once gave.
"""

from profiles.quality.normalise.contacts import email_of, phone_of
from profiles.quality.normalise.dates import day_of, moment_of
from profiles.quality.normalise.labels import label_of
from profiles.quality.normalise.money import Amount, amount_of
from profiles.quality.normalise.postcodes import postcode_of

__all__ = ["Amount", "amount_of", "day_of", "email_of", "label_of", "moment_of", "phone_of", "postcode_of"]
