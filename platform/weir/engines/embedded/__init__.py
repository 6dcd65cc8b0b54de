"""The embedded engine: DuckLake (DuckDB + Parquet + an SQL catalogue), files and tantivy."""
