"""What is answered to each wish: the forms that work on an order, and the answers that need none."""
