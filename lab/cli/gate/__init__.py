"""`lab gate`: measures both sides of a change in one run, and judges the change."""
