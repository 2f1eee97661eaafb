"""Asset trees: which file is converted how, and where the result goes. Import the submodules by name."""
