"""Diffusion in PyTorch and diffusers: checkpoints of Stable Diffusion, and small models at logical resolution."""
