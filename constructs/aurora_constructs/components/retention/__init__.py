"""A run on a schedule that deletes old versions of models, or old data, and never what is used."""
