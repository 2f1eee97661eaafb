"""The program `pixforge-aseprite` of the executable."""

from pixforge.cli.aseprite_compat import main

if __name__ == "__main__":
    main()
