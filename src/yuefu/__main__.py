"""``python -m yuefu``: the same as the command ``yuefu``."""

from yuefu.cli.main import main

if __name__ == "__main__":
    main()
