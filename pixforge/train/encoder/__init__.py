"""Training of the encoder of method `style` on drawings and sprites."""
