"""Steps of a model's version on trial as edits of the files that people write: `aurora rollout`."""
