"""Measuring: intervals by bootstrap, tables, plots, simple baselines and the measures of each suite."""
