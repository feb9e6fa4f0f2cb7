"""Start of the command line: an interrupt is answered before anything large is imported."""

from nucore.run.interrupts import ending_in_time


def main() -> None:
    """Run the command line and leave with its exit status, see `nuportal.cli.main`."""
    with ending_in_time():
        from nuportal.cli import main as run

        run()


if __name__ == "__main__":
    main()
