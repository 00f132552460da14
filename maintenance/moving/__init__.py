"""Moving a whole collection: to servers, to a Parquet folder, and back."""
