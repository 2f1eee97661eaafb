"""The rooms behind method `style`, loaded when it is used."""
