"""Targets: what an engine or an editor imports. One file each; the folder is the registry (see `registry`).

An exporter takes an asset and returns files as bytes. It reads nothing and writes nothing.
"""
