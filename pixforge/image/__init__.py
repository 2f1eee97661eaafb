"""Pictures: the one picture type, loading of every format, atomic saving. Import the submodules by name."""
