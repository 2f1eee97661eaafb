"""Training of diffusion: models at logical resolution from nothing, Stable Diffusion from its checkpoints."""
