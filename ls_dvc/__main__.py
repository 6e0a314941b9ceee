"""`python -m ls_dvc` is `ls-dvc`."""

from ls_dvc.cli import main

if __name__ == "__main__":
    main()
