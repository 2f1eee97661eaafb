"""The engine: sources become jobs (`plan`), jobs become outcomes (`run`). Import the submodules by name."""
