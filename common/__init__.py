"""What every process of `.venv` needs: settings, masked logs, problem details. Knows no other room."""
