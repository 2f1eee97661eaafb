"""The pixel core in pure numpy. Import the submodules by name; `options` is free of numpy."""
