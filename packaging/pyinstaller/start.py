"""What the frozen programs run: the window, or the program in the terminal, by their own name."""

import multiprocessing
import sys
from pathlib import Path

if __name__ == "__main__":
    multiprocessing.freeze_support()  # a child that was spawned goes no further

    if Path(sys.argv[0]).stem == "findling-desktop":
        from findling_desktop.app import main

        sys.exit(main())

    from findling.cli.app import run

    run()
