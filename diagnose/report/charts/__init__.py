"""One function a chart: numbers in, SVG out. No chart decides anything."""
