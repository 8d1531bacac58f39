"""One module per use case; transactions begin and end here."""
