"""What the assistant says and does: custom actions, the choice of variant and path, and the record of why."""
