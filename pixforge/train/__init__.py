"""Training: data sets, exact pairs, loss parts and the trainer. Modules here may import a framework at the top."""
