/**
 * DuckDB inside this process, for tables in CSV and Parquet files. Its driver ({@code
 * org.duckdb:duckdb_jdbc}) is a matter of the rooms that use it.
 */
package dev.troupe.core.duckdb;
