"""The live page: drop a drawing, move the controls, see the pixel art; on this machine alone."""
