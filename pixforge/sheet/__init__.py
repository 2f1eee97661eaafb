"""Clips and sheets: frames with their tags and slices, trimming, layouts, tiles. Import the submodules by name."""
