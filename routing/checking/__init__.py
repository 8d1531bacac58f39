"""The rooms of the checker: its words, a route laid beside its day, the rules; :mod:`routing.check` is the door."""
