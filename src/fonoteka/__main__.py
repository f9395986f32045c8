"""`python -m fonoteka` is the same program as the `fonoteka` command."""

from fonoteka.cli import main

if __name__ == "__main__":
    main()
