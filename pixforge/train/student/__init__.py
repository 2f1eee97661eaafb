"""The student of method `style`: a generator that finds at once what the optimisation finds slowly."""
