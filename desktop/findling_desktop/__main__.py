"""`python -m findling_desktop` opens the window."""

import sys

from findling_desktop.app import main

if __name__ == "__main__":
    sys.exit(main())
