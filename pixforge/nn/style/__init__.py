"""Style by feature statistics on the logical grid: small maths modules, composed by `pixforge.nn.style.solve`."""
