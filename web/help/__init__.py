"""The help centre: the shop's help pages as plain HTML."""
