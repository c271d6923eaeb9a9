"""Sets up, starts, watches and stops the whole system (`python -m ops --help`)."""
