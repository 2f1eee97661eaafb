"""Parts of method diffusion."""
