"""DuckDB, embedded: the engine of a laptop. The only room that knows DuckDB."""
