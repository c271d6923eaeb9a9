"""What browsers tell of their visitors (`web/sdk`), passed on to the profile service."""
