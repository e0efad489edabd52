"""What people see: tables, plots and the HTML report of a recorded run."""
