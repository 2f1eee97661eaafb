"""Palette file formats, one module each: the folder is the registry.

A format module is free of numpy (and of Pillow at its head) and declares:

    LABEL: str                                what people call the format
    EXTENSIONS: tuple[str, ...]               lower-case endings with their dot; the first is the usual one
    sniff(data: bytes) -> bool                whether the bytes look like this format and no other
    read(data: bytes, name: str) -> Palette   `name` is for palettes that bring none; raises PaletteFileError
    write(palette: Palette) -> bytes          raises PaletteFileError if the format cannot hold it

Errors carry no path (the registry adds it); they say where (line or byte) and what to do.
"""
