"""The watch-folder daemon: an endless list of changes becomes jobs for the engine. Import the submodules by name."""
