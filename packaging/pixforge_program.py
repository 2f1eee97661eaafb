"""The program `pixforge` of the executable."""

from multiprocessing import freeze_support

from pixforge.cli import main

if __name__ == "__main__":
    freeze_support()  # a worker process is this program again, told by its arguments what it is for
    main()
