"""The lake: accepted events as they came, as encrypted Parquet files by the day on which they occurred."""
