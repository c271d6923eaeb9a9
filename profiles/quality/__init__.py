"""How good the data are: shapes of events, one spelling for each value, gaps filled and marked, scores and alarms."""
