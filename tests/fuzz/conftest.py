"""Option of the fuzz tests."""


def pytest_addoption(parser):
    parser.addoption("--fuzz-cases", type=int, default=150, help="damaged files for each reader")
