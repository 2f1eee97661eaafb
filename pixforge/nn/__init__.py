"""Networks, losses and model files. Modules here may import a framework at the top."""
