"""Spark, for logs that have outgrown one machine. The only place that knows pyspark."""
