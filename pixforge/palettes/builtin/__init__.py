"""The built-in palettes, one hexadecimal list each; the comments at their heads name source and licence."""
